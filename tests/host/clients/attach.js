// Types a word into a container and reads what it makes of it, by dockerode's attach, whose options go along as a body. Arguments: socket, container, whether to ask for an upgrade.
const Docker = require("dockerode");
const [socketPath, name, hijack] = process.argv.slice(2);

(async () => {
  const container = new Docker({ socketPath }).getContainer(name);
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: hijack === "hijack" });
  const told = [];
  stream.on("data", (piece) => {
    told.push(piece);
    if (Buffer.concat(told).toString().includes("got")) {
      console.log(Buffer.concat(told).subarray(8).toString().trim());
      process.exit(0);
    }
  });
  stream.on("end", () => process.exit(1));
  stream.write("word\n");
})();

// What homepage's Docker widgets ask with dockerode: all containers, the state of one, its numbers. Arguments: socket, container.
const Docker = require("dockerode");
const [socketPath, name] = process.argv.slice(2);

(async () => {
  const docker = new Docker({ socketPath });
  const all = await docker.listContainers({ all: true });
  if (!Array.isArray(all)) throw new Error("no list");
  if (!all.some((one) => one.Names.includes(`/${name}`))) throw new Error("not in the list");
  const container = docker.getContainer(name);
  const info = await container.inspect();
  const stats = await container.stats({ stream: false });
  console.log(JSON.stringify({ status: info.State.Status, labels: info.Config.Labels, cpu: stats.cpu_stats.cpu_usage.total_usage }));
  try {
    await docker.createContainer({ Image: "bb", Cmd: ["true"] });
  } catch (error) {
    console.log(`${error.statusCode} ${error.json.message}`);
  }
})();

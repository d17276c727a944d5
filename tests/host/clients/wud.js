// What wud does with dockerode to watch: containers, the image of each, and the stream of events, of which it takes each
// chunk for one event. It tries to stop what it sees start. Arguments: socket, the container that will be started.
const Docker = require("dockerode");
const [socketPath, name] = process.argv.slice(2);

(async () => {
  const docker = new Docker({ socketPath });
  for (const { Image } of await docker.listContainers()) {
    const image = await docker.getImage(Image).inspect();
    console.log(`image ${image.RepoTags[0]} ${image.Architecture}`);
  }
  const event = ["create", "destroy", "start", "stop", "pause", "unpause", "die", "update"];
  const events = await docker.getEvents({ filters: { type: ["container"], event } });
  console.log("watching");
  events.on("data", async (chunk) => {
    const { Action, id, Actor } = JSON.parse(chunk.toString());
    if (Action !== "start" || Actor.Attributes.name !== name) return;
    const { State } = await docker.getContainer(id).inspect();
    console.log(`started ${name} ${State.Status}`);
    try {
      await docker.getContainer(id).stop();
    } catch (error) {
      console.log(`${error.statusCode} ${error.json.message}`);
    }
    events.destroy();
  });
})();

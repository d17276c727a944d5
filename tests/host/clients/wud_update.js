// What wud's trigger `docker` does with dockerode to update a container, network by network where the engine takes but one at
// a time. Arguments: socket, the container's name.
const Docker = require("dockerode");
const [socketPath, name] = process.argv.slice(2);

(async () => {
  const docker = new Docker({ socketPath });
  const found = (await docker.listContainers()).find((one) => one.Names.includes("/" + name));
  const container = docker.getContainer(found.Id);
  const spec = await container.inspect();
  const image = await docker.getImage(spec.Image).inspect();
  const networks = spec.NetworkSettings.Networks;
  for (const endpoint of Object.values(networks)) {
    endpoint.Aliases = (endpoint.Aliases || []).filter((alias) => !spec.Id.startsWith(alias));
  }
  const create = { ...spec.Config, name, HostConfig: spec.HostConfig, NetworkingConfig: { EndpointsConfig: networks } };
  const had = image.Config.Env || [];
  create.Env = [...had, ...spec.Config.Env.filter((one) => !had.includes(one))];
  await container.stop();
  await container.remove();
  let made;
  try {
    made = await docker.createContainer(create);
  } catch (error) {
    if (!/cannot be (connected to network|created with multiple network) endpoints/i.test(error.message)) throw error;
    const first = spec.HostConfig.NetworkMode;
    made = await docker.createContainer({ ...create, NetworkingConfig: { EndpointsConfig: { [first]: networks[first] } } });
    for (const [network, { IPAMConfig, Aliases }] of Object.entries(networks)) {
      if (network !== first) await docker.getNetwork(network).connect({ Container: made.id, EndpointConfig: { IPAMConfig, Aliases } });
    }
  }
  await made.start();
  console.log("updated");
})();

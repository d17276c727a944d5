// What Uptime Kuma asks with axios: whether its test finds containers, then the state of one. Arguments: socket, container.
const axios = require("axios");
const [socketPath, name] = process.argv.slice(2);

(async () => {
  const ask = (method, url) => axios.request({ method, url, socketPath, timeout: 10000, headers: { Accept: "*/*" } });
  const { data: all } = await ask("get", "/containers/json?all=true");
  if (!Array.isArray(all) || !all.every((one) => "ImageID" in one)) throw new Error("no list of containers");
  const { data } = await ask("get", `/containers/${name}/json`);
  console.log(data.State.Running ? "up" : "down", data.State.Status);
  try {
    await ask("post", `/containers/${name}/stop`);
  } catch (error) {
    console.log(`${error.response.status} ${error.response.data.message}`);
  }
})();

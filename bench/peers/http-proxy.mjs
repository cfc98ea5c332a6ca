/** http-proxy on Node with kept connections: `node bench/peers/http-proxy.mjs PORT UPSTREAM`. */
import { Agent, createServer } from "node:http";
import process from "node:process";
import httpProxy from "http-proxy";

const [port = "", target = ""] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256 });
const proxy = httpProxy.createProxyServer({ target, agent, xfwd: true, ws: true });
proxy.on("error", (_error, _request, answer) => {
  if ("writeHead" in answer) answer.writeHead(502);
  answer.end();
});
const server = createServer((request, answer) => proxy.web(request, answer));
server.on("upgrade", (request, socket, head) => proxy.ws(request, socket, head));
server.listen(Number(port), "127.0.0.1");

import type { Peer } from "./peer.ts";

/** https://nginx.org */
export const nginx: Peer = {
  name: "nginx",
  program: "nginx",
  template: "nginx.conf",
  workers: 1,
  accessLog: "off",
  toRoute: (prefix) => `    location ${prefix}/ { proxy_pass http://app; }`,
  toServer: (port) => `    server 127.0.0.1:${port};`,
  toTls: ({ certFile, keyFile }) => ` ssl http2; ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}`,
  toCommand: ({ configFile, directory }) => ["nginx", "-p", directory, "-e", "stderr", "-c", configFile],
};

/** With a log in a file. */
export const nginxLog = { ...nginx, name: "nginx-log", accessLog: "DIRECTORY/access.log" };

/** With two workers. */
export const nginxTwo = { ...nginx, name: "nginx-2", workers: 2 };

/** With gzip at its fastest. */
export const nginxGzip = { ...nginx, name: "nginx-gzip", template: "nginx-gzip.conf" };

/** https://www.haproxy.org */
export const haproxy: Peer = {
  name: "haproxy",
  program: "haproxy",
  template: "haproxy.cfg",
  workers: 1,
  accessLog: "",
  toRoute: (prefix) => `  use_backend app if { path_beg ${prefix}/ }`,
  toServer: (port, index) => `  server server-${index} 127.0.0.1:${port}`,
  toTls: ({ pemFile }) => ` ssl crt ${pemFile} alpn h2,http/1.1`,
  toCommand: ({ configFile }) => ["haproxy", "-q", "-db", "-f", configFile],
};

/** https://caddyserver.com */
export const caddy: Peer = {
  name: "caddy",
  program: "caddy",
  template: "Caddyfile",
  workers: 1,
  accessLog: "",
  toRoute: (prefix) => `\thandle ${prefix}/* {\n\t\timport app\n\t}`,
  toServer: (port) => `\t\tto 127.0.0.1:${port}`,
  toTls: ({ certFile, keyFile }) => `\ttls ${certFile} ${keyFile}`,
  toCommand: ({ configFile }) => ["caddy", "run", "--adapter", "caddyfile", "--config", configFile],
  env: { GOMAXPROCS: "1" }, // as all others have one thread
};

import { rejects, rejectsUnder, accepts, type Changes } from "./configurations";

const at = (changes: Changes): Changes =>
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`loadBalancer.${path}`, value]));

const service = (more: object = {}) => ({ name: "ssh", listenPort: 22, destinationPort: 2222, ...more });
const services = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    service({ name: `s${index}`, listenPort: 5000 + index, destinationPort: 6000 + index }),
  );
const checked = (healthCheck: object) => ({ services: [service({ healthCheck })] });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("a health check of the load balancer", () => {
  rejectsUnder("loadBalancer.services.0.healthCheck", [
    ...["20", "600", "2xx", "20*0", "2**0", "", "***0"].map(
      (code) =>
        [
          at(checked({ protocol: "http", http: { statusCodes: [code] } })),
          `http.statusCodes.0: got ${JSON.stringify(code)}, want a status code, ` +
            "such as 200 or 2??, where ? stands for one digit and * for several",
        ] as const,
    ),
  ]);
  rejectsUnder("loadBalancer.services.0.healthCheck", {
    "timeoutSeconds: got 6, want at most intervalSeconds, 5": at(
      checked({ intervalSeconds: 5, timeoutSeconds: 6 }),
    ),
    "http: cannot be combined with protocol: tcp": at(checked({ http: { path: "/up" } })),
    'http.path: got "up", want a path, such as /health': at(
      checked({ protocol: "http", http: { path: "up" } }),
    ),
  });
  rejects(["loadBalancer.healthCheck.timeoutSeconds: got 16, want at most intervalSeconds, 15"]);
  accepts([
    at({ "healthCheck.intervalSeconds": 3 }),
    at({ "healthCheck.timeoutSeconds": 15 }),
    at(checked({ protocol: "http", port: 9000 })),
    at(checked({ protocol: "http", http: { statusCodes: ["200", "2??", "5*", "404"], response: "ok" } })),
    at(checked({ protocol: "http", http: { path: "/up", domain: "a.example.com", tls: true } })),
  ]);
});

describe("a service of the load balancer", () => {
  rejectsUnder("loadBalancer.services", [
    [
      at({ services: [service(), service({ listenPort: 23 }), service({ name: "tls" })] }),
      "1.name: got ssh, which services.0 has, want another",
      "2.listenPort: got 22, which services.0 has, want another",
    ],
  ]);
  rejectsUnder("loadBalancer.services", {
    "0.name: got http, which the service of port 80 has, want another": at({
      services: [service({ name: "http" })],
    }),
    "0.listenPort: got 443, which the service https has, want another": at({
      services: [service({ listenPort: 443 })],
    }),
    '0.protocol: got "udp", want tcp or http: Hetzner load balancers do not support UDP': at({
      services: [service({ protocol: "udp" })],
    }),
  });
  accepts([at({ services: [service({ protocol: "http", proxyProtocol: true })] }), at({ services: [] })]);
});

describe("the limits of a load balancer's type", () => {
  const fault = (type: string, most: number, what: string, of: string, count: number, want: string) =>
    `loadBalancer.type: got ${type}, which can have at most ${most} ${what}, but ${of} are ${count}; want ${want}`;
  const ofServices = "80, 443 and loadBalancer.services";
  const ofTargets = "loadBalancer.servers and loadBalancer.ips";
  rejects({
    [fault("lb11", 5, "services", ofServices, 6, "loadBalancer.type: lb21, or fewer")]: at({
      services: services(4),
    }),
    [fault("lb21", 15, "services", ofServices, 16, "loadBalancer.type: lb31, or fewer")]: at({
      type: "lb21",
      services: services(14),
    }),
    [fault("lb31", 30, "services", ofServices, 31, "at most 30")]: at({
      type: "lb31",
      services: services(29),
    }),
    [fault("lb11", 25, "targets", ofTargets, 26, "loadBalancer.type: lb21, or fewer")]: at({
      servers: numbers(25),
      ips: ["203.0.113.50"],
    }),
    [fault("lb21", 75, "targets", ofTargets, 151, "at most 75")]: at({ type: "lb21", servers: numbers(151) }),
  });
  accepts([
    at({ services: services(3) }),
    at({ type: "lb21", services: services(13) }),
    at({ type: "lb31", services: services(28) }),
    { "cluster.nodes": 40, ...at({ servers: numbers(25) }) },
    at({ type: "lb31", servers: numbers(150) }),
  ]);
});

describe("the load balancer's targets", () => {
  rejectsUnder("loadBalancer", [
    "networkId: is missing, want the ID of the nodes' private network, as `hcloud network list` prints it",
    ...["203.0.113.0/24", "fe80::1%eth0", "web-1"].map(
      (ip) => `ips.0: got "${ip}", want an IP address, such as 203.0.113.10`,
    ),
  ]);
  rejectsUnder("loadBalancer", {
    ": has no targets, set at least one of labelSelector, servers and ips": at({ labelSelector: undefined }),
    "servers.2: got 7 a second time, want it once": at({ servers: [7, 8, 7] }),
    "ips.1: got 203.0.113.50 a second time, want it once": at({ ips: ["203.0.113.50", "203.0.113.50"] }),
    "ips.0: got 2001:db8::1, an IPv6 address, want an IPv4 one: node ports and pods of the cluster are IPv4 only":
      at({ ips: ["2001:DB8:0::1"] }),
  });
  accepts([
    at({ labelSelector: undefined, servers: [101] }),
    at({ labelSelector: undefined, ips: ["203.0.113.50", "10.0.5.5"] }),
    at({ servers: [101], ips: ["203.0.113.50"] }),
  ]);
});

describe("the load balancer's own properties", () => {
  const key =
    "letters, digits, dashes, dots and underscores, 63 at most, a letter or digit at both ends, " +
    "and before it a domain with a slash if there is one, except hetzner.cloud/";
  const value = "letters, digits, dashes, dots and underscores, 63 at most, a letter or digit at both ends";
  rejectsUnder("loadBalancer", [
    ...["203.0.113.7", "10.0.0.256", "10.0.0.0/24", "fd00::1"].map(
      (ip) => `privateIp: got ${JSON.stringify(ip)}, want a private IPv4 address, such as 10.0.0.2`,
    ),
    'reverseDns: got "lb", want a host name in lower case, such as api.example.com',
    ...["-a", "a b", "a/", "/a", "hetzner.cloud/a", "A_B.c/x", "a".repeat(64), "a/b/c"].map(
      (name) =>
        [
          { "loadBalancer.labels": { [name]: "x" } },
          `labels.${name}: is not a valid name, want ${key}`,
        ] as const,
    ),
    ...["-", "a b", "ä", "a".repeat(64)].map(
      (text) => `labels.a: got ${JSON.stringify(text)}, want ${value}`,
    ),
    'allowReplacement: got "yes", want k3s-lb, the name of the load balancer that may lose its addresses',
    "allowReplacement: got true, want a string",
  ]);
  rejectsUnder("loadBalancer", {
    "ccm: cannot be combined with managedBy: pulumi": at({ "ccm.nodeSelector": "role=edge" }),
  });
  accepts([
    at({ privateIp: "192.168.255.255" }),
    {
      "loadBalancer.labels": {
        a: "",
        "example.com/team": "Edge_1.x-y",
        ["a".repeat(63)]: "b".repeat(63),
      },
    },
    at({ allowReplacement: "k3s-lb" }),
    at({ ccm: {} }),
  ]);
});

describe("a service of the load balancer at a port of the ingress", () => {
  const fault = (given: boolean, port: number) =>
    `loadBalancer.services.0.proxyProtocol: got ${given} for ${port}, a port of the ingress, which expects ${!given} by ` +
    `loadBalancer.proxyProtocol; want ${!given}, or another destinationPort`;
  const to = (destinationPort: number, proxyProtocol?: boolean) =>
    at({ services: [service({ destinationPort, ...(proxyProtocol !== undefined && { proxyProtocol }) })] });
  const off = { "loadBalancer.proxyProtocol": false };
  const nginx = { "ingress.controller": "nginx" };
  rejects({
    [fault(false, 30080)]: to(30080),
    [fault(false, 30443)]: to(30443, false),
    [fault(true, 30443)]: { ...off, ...to(30443, true) },
    [fault(false, 32443)]: { ...to(32443), "loadBalancer.nodePorts.https": 32443 },
    [fault(false, 31443)]: { ...to(31443), ...nginx },
  });
  accepts([
    to(30443, true),
    to(30444),
    to(31443),
    { ...off, ...to(30443) },
    { ...to(30443), ...nginx },
    { ...to(31080, true), ...nginx },
  ]);
});

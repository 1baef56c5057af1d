import fc from "fast-check";

/** No timeout is longer than the shortest interval. */
const timing = {
  intervalSeconds: fc.integer({ min: 3, max: 60 }),
  timeoutSeconds: fc.integer({ min: 1, max: 3 }),
  retries: fc.integer({ min: 1, max: 5 }),
};

const port = fc.integer({ min: 1, max: 65535 });
const domain = fc.constant("health.example.com");
const statusCodes = fc.constantFrom(["200"], ["2??", "3*"]);

/** The optional settings of any load balancer. */
const common = {
  type: fc.constantFrom("lb11", "lb21", "lb31"),
  algorithm: fc.constantFrom("round_robin", "least_connections"),
  nodePorts: fc.constantFrom({ http: 30080 }, { http: 32080, https: 32443 }, { nginxHealth: 31999 }),
  healthCheck: fc.record(timing, { requiredKeys: [] }),
  reverseDns: fc.constant("lb.example.com"),
  ipv6: fc.boolean(),
  allowReplacement: fc.constant("k3s-lb"),
};

const tcpCheck = fc.record({ protocol: fc.constant("tcp"), port, ...timing }, { requiredKeys: [] });
const http = {
  path: fc.constant("/health"),
  domain,
  statusCodes,
  response: fc.constant("ok"),
  tls: fc.boolean(),
};
const httpCheck = fc.record(
  { protocol: fc.constant("http"), port, ...timing, http: fc.record(http, { requiredKeys: [] }) },
  { requiredKeys: ["protocol"] },
);

/** Services in addition to those of the ingress. One at a port of the ingress has the same `proxyProtocol`. */
const services = (proxyProtocol: boolean) => {
  const toApps = fc.record(
    {
      protocol: fc.constantFrom("tcp", "http"),
      destinationPort: fc.integer({ min: 1, max: 29_999 }),
      proxyProtocol: fc.boolean(),
      healthCheck: fc.oneof(tcpCheck, httpCheck),
    },
    { requiredKeys: ["destinationPort"] },
  );
  const toIngress = fc.record({
    destinationPort: fc.constantFrom(30080, 30443, 31443, 32443),
    proxyProtocol: fc.constant(proxyProtocol),
  });
  return fc
    .shuffledSubarray([
      { name: "ssh", listenPort: 22 },
      { name: "mqtt", listenPort: 1883 },
      { name: "alternative", listenPort: 8443 },
    ])
    .chain((some) =>
      fc.tuple(
        ...some.map((service) => fc.oneof(toApps, toIngress).map((each) => ({ ...service, ...each }))),
      ),
    );
};

/** The settings of a load balancer by Pulumi, with at least one target. */
const byPulumi = (proxyProtocol: boolean) =>
  fc
    .record(
      {
        ...common,
        networkId: fc.constant(4711),
        privateIp: fc.constantFrom("10.0.0.2", "10.0.255.254"),
        labelSelector: fc.constant("cluster=k3s,role=worker"),
        servers: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
        ips: fc.subarray(["203.0.113.50", "10.0.5.5"]),
        services: services(proxyProtocol),
        labels: fc.constantFrom({}, { team: "edge", "example.com/stage": "" }),
      },
      { requiredKeys: ["networkId"] },
    )
    .map((settings) => {
      const { servers = [], ips = [] } = settings;
      const needsSelector = servers.length + ips.length === 0;
      return { ...(needsSelector && { labelSelector: "cluster=k3s" }), ...settings };
    });

const ccmTcpCheck = fc.record({ protocol: fc.constant("tcp"), port }, { requiredKeys: [] });
const ccmHttpCheck = fc.record(
  {
    protocol: fc.constantFrom("http", "https"),
    port,
    path: fc.constant("/ping"),
    domain,
    statusCodes,
    validateCertificate: fc.boolean(),
  },
  { requiredKeys: ["protocol"] },
);
const ccm = {
  nodeSelector: fc.constant("role=worker"),
  subnet: fc.constant("10.0.0.0/24"),
  healthCheck: fc.oneof(ccmTcpCheck, ccmHttpCheck),
};

/** The settings of a load balancer by the cloud controller manager. */
const byCcm = fc.record(
  { ...common, privateIp: fc.constant("10.0.0.2"), ccm: fc.record(ccm, { requiredKeys: [] }) },
  { requiredKeys: ["privateIp"] },
);

/** The load balancer of any settings. */
export const balancers = (managedBy: "pulumi" | "ccm", proxyProtocol: boolean) =>
  fc
    .tuple(
      fc.constantFrom({ location: "fsn1" }, { networkZone: "eu-central" }),
      managedBy === "ccm" ? byCcm : byPulumi(proxyProtocol),
    )
    .map(([location, settings]) => ({ name: "k3s-lb", managedBy, proxyProtocol, ...location, ...settings }));

import * as assert from "node:assert/strict";

import { buildProbes, type ProbeArgs } from "../../../components/app/probes";

const app: ProbeArgs = { port: 8080, ports: { metrics: 9090 } };
const tcp = (port: number) => ({ tcpSocket: { port } });
const http = (path: string, port: number) => ({ httpGet: { path, port } });

/** What a probe asks, without how often. */
const asked = (changed: Partial<ProbeArgs>) => {
  const { startupProbe, readinessProbe, livenessProbe } = buildProbes({ ...app, ...changed }) as Record<
    string,
    Record<string, unknown> | undefined
  >;
  const what = (probe: Record<string, unknown> = {}) =>
    Object.fromEntries(Object.entries(probe).filter(([key]) => key === "httpGet" || key === "tcpSocket"));
  return [startupProbe, readinessProbe, livenessProbe].map(what);
};

describe("the probes of an app", () => {
  const rows: [title: string, changed: Partial<ProbeArgs>, ...asked: object[]][] = [
    ["open its port by default", {}, {}, tcp(8080), tcp(8080)],
    ["ask at healthPath", { healthPath: "/up" }, {}, http("/up", 8080), http("/up", 8080)],
    [
      "each ask at a path of their own",
      {
        healthPath: "/up",
        probes: { startup: { path: "/started" }, readiness: { path: "/ready" }, liveness: {} },
      },
      http("/started", 8080),
      http("/ready", 8080),
      http("/up", 8080),
    ],
    [
      "only open the port with tcp, whatever healthPath",
      { healthPath: "/up", probes: { liveness: { tcp: true } } },
      {},
      http("/up", 8080),
      tcp(8080),
    ],
    [
      "ask at another declared port, by name or number, and say the number",
      { probes: { readiness: { port: "metrics" }, liveness: { port: 9090 }, startup: { port: "http" } } },
      tcp(8080),
      tcp(9090),
      tcp(9090),
    ],
    [
      "ask by HTTPS at a port with TLS, and by HTTP at others",
      {
        tls: { insecureSkipVerify: true },
        healthPath: "/up",
        probes: { startup: { tcp: true }, liveness: { port: "metrics" } },
      },
      tcp(8080),
      { httpGet: { path: "/up", port: 8080, scheme: "HTTPS" } },
      http("/up", 9090),
    ],
    [
      "know the first port by its protocol",
      { protocol: "grpc", probes: { readiness: { port: "grpc" } } },
      {},
      tcp(8080),
      tcp(8080),
    ],
    ["do not exist for UDP", { protocol: "udp" }, {}, {}, {}],
    [
      "ask at a TCP port of an app with UDP",
      { protocol: "udp", probes: { readiness: { port: "metrics" } } },
      {},
      tcp(9090),
      {},
    ],
  ];
  for (const [title, changed, ...wanted] of rows) it(title, () => assert.deepEqual(asked(changed), wanted));

  it("have default periods and thresholds", () =>
    assert.deepEqual(buildProbes({ ...app, probes: { startup: {} } }), {
      startupProbe: { ...tcp(8080), periodSeconds: 5, failureThreshold: 30 },
      readinessProbe: { ...tcp(8080), periodSeconds: 5 },
      livenessProbe: { ...tcp(8080), periodSeconds: 10, failureThreshold: 6 },
    }));

  it("have the configured periods and thresholds", () => {
    const timing = { periodSeconds: 7, timeoutSeconds: 2, failureThreshold: 4, initialDelaySeconds: 1 };
    const readiness = { ...timing, successThreshold: 2 };
    assert.deepEqual(buildProbes({ ...app, probes: { startup: timing, readiness, liveness: timing } }), {
      startupProbe: { ...tcp(8080), ...timing },
      readinessProbe: { ...tcp(8080), ...readiness },
      livenessProbe: { ...tcp(8080), ...timing },
    });
  });
});

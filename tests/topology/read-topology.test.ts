import assert from "node:assert/strict";

import { isEncrypted, type DeployedStack } from "../../stack/read-stack";
import { formatMermaid } from "../../topology/mermaid";
import { formatPage } from "../../topology/page";
import { readTopology } from "../../topology/read-topology";
import { drawSvgFile } from "../../topology/svg";
import { formatText } from "../../topology/text";
import { ofLayer, type Layer, type Topology } from "../../topology/topology";
import { changed, stackConfig } from "../config";
import { throughService } from "../through-service";
import { deploy, deployOnce } from "./stacks";

const linesOf = (topology: Topology, layer: Layer): string[] =>
  ofLayer(topology, layer).map(({ title, details }) => [title, ...details].join("; "));

const outputsOf = ({ outputs }: DeployedStack) =>
  outputs as {
    routes: { url: string; pathType: string; app: string; port: number }[];
    reachability: { from: string; to: string; ports: number[]; meshed: boolean }[];
  };

describe("readTopology", () => {
  it("reads the path of prod", async () => {
    const text = formatText(readTopology(await deployOnce("prod")));
    assert.equal(
      text,
      `Visitors
  |
DNS records
  admin.example.com    A, AAAA; proxied
  api.example.com      A, AAAA; proxied
  example.com          A, AAAA; proxied
  grafana.example.com  A, AAAA; proxied
  www.example.com      CNAME example.com; proxied
  |
Cloudflare
  Cloudflare edge  TLS to the origin: strict; origin lock: mutual TLS; WAF
  |
Load balancer
  k3s-lb  198.51.100.77; 2001:db8:77::1; 80 → node port 30080; 443 → node port 30443; PROXY protocol
  |
Ingress controller
  traefik  namespace traefik; chart 41.3.0
  |
Routes
  api.example.com/v1      -> api-gateway:8080
  api.example.com/health  Exact; -> api-gateway:8080
  example.com/            -> web-frontend:8080
  www.example.com/        -> web-frontend:8080
  admin.example.com/      -> admin:8080
  grafana.example.com/    -> grafana:3000
  |
Apps
  admin         Service admin:8080; 2 pods
  api-gateway   Service api-gateway:8080; 3 pods; -> auth-service:8080 (mutual TLS), user-service:8080 (mutual TLS)
  auth-service  Service auth-service:8080; 2 pods
  grafana       Service grafana:3000; 1 pod
  user-service  Service user-service:8080; 2 pods
  web-frontend  Service web-frontend:80; 3 pods
  |
Certificates
  wildcard-cert  example.com; *.example.com; letsencrypt-prod; until 2027-02-28`,
    );
  });

  it("leads hosts that are not proxied directly to the load balancer", async () => {
    const topology = readTopology(await deployOnce("dev"));
    assert.deepEqual(ofLayer(topology, "edge"), []);
    assert.deepEqual(linesOf(topology, "dns"), [
      "*.dev.example.com; CNAME dev-lb.example.com; DNS only",
      "dev-lb.example.com; A, AAAA; DNS only",
      "dev.example.com; A, AAAA; DNS only",
    ]);
    assert.deepEqual(
      topology.edges.filter(({ from }) => from.startsWith("dns/")).map(({ to }) => to),
      Array<string>(3).fill("balancer/k3s-dev-lb"),
    );
    const servers = (host: string) =>
      ofLayer(topology, "routes").find(({ title }) => title === host)?.servedBy;
    const certificate = "certificates/traefik/wildcard-cert";
    assert.deepEqual(servers("dev.example.com/"), ["dns/dev.example.com", certificate]);
    assert.deepEqual(servers("www.dev.example.com/"), ["dns/*.dev.example.com", certificate]);
  });

  it("has a node for each route and an edge for each row of reachability, with 100 apps", async () => {
    const stack = await deployOnce("100-apps");
    const topology = readTopology(stack);
    const { routes, reachability } = outputsOf(stack);
    assert.equal(ofLayer(topology, "apps").length, 100);
    assert.deepEqual(
      topology.edges
        .filter(({ from }) => from.startsWith("routes/"))
        .map(({ from, to, label }) => `${from} ${to} ${label}`)
        .sort(),
      routes
        .map(
          ({ url, pathType, app, port }) =>
            `routes/${url.slice("https://".length)} ${pathType} apps/${app} ${port}`,
        )
        .sort(),
    );
    const idOf = (name: string) => {
      const app = name.replace(/^(databases|messaging)\//, "");
      return name.includes(".") ? `outside/${name}` : `apps/${app}`;
    };
    assert.deepEqual(
      topology.edges
        .filter(({ kind }) => kind === "meshed" || kind === "plain")
        .map(({ from, to, kind, label }) => `${from} ${to} ${kind} ${label}`)
        .sort(),
      reachability
        .filter(({ from }) => !/^(traefik|ingress-nginx)\//.test(from))
        .map(
          ({ from, to, meshed, ports }) =>
            `${idOf(from)} ${idOf(to)} ${meshed ? "meshed" : "plain"} ${ports.join(", ")}`,
        )
        .sort(),
    );
  });

  it("reads every kind of app and destination", async () => {
    const image = "ghcr.io/org/app:v1.0.0";
    const topology = readTopology(
      await deploy(
        "prod",
        changed(stackConfig("prod"), {
          "apps.mail": { port: 443, service: { type: "ExternalName", externalName: "mail.example.org" } },
          "apps.old": { existing: true, namespace: "legacy", serviceName: "old-main", port: 8081 },
          "apps.caller": {
            image,
            port: 8080,
            autoscaling: { min: 2, max: 5 },
            calls: ["mail", "old", "caller"],
            egress: [{ cidr: "203.0.113.0/24", ports: [53, 123], protocol: "UDP" }],
            service: { type: "NodePort" },
          },
        }),
      ),
    );
    const lines = linesOf(topology, "apps");
    assert.ok(lines.includes("mail; Service mail:443; ExternalName mail.example.org"), lines.join("\n"));
    assert.ok(lines.includes("old; Service old-main:8081; existing Service"), lines.join("\n"));
    assert.equal(ofLayer(topology, "apps").find(({ title }) => title === "old")?.namespace, "legacy");
    const edges = topology.edges
      .filter(({ from, to }) => from === "apps/caller" || to === "apps/caller")
      .map(({ from, to, kind, label }) => `${from} ${to} ${kind} ${label}`);
    assert.deepEqual(edges.sort(), [
      "apps/caller apps/caller meshed 8080",
      "apps/caller apps/mail plain 443",
      "apps/caller apps/old meshed 8081",
      "apps/caller outside/203.0.113.0/24 plain 53/UDP, 123/UDP",
      "visitors/internet apps/caller plain 8080",
    ]);
  });

  it("reads a load balancer of the cloud controller manager", async () => {
    const topology = readTopology(await deploy("prod", throughService(stackConfig("prod"))));
    const [balancer] = linesOf(topology, "balancer");
    assert.match(balancer ?? "", /^k3s-lb; .*; 80 → port \w+; 443 → port \w+$/);
  });

  it("names the hosts that have no record in the state", async () => {
    const { name, outputs, resources } = await deployOnce("prod");
    const without = (more: DeployedStack["resources"]) =>
      linesOf(
        readTopology({
          name,
          outputs,
          resources: [
            ...resources.filter(
              (each) =>
                !each.urn.endsWith("::dns-admin.example.com") &&
                !each.urn.endsWith("::dns-admin.example.com-AAAA"),
            ),
            ...more,
          ],
        }),
        "dns",
      ).filter((line) => line.startsWith("admin"));
    const externalDns = {
      urn: "x::external-dns",
      type: "platform:networking:ExternalDns",
      id: "",
      parent: "",
      inputs: {},
      outputs: {},
    };
    assert.deepEqual(without([]), ["admin.example.com; no record in this stack"]);
    assert.deepEqual(without([externalDns]), ["admin.example.com; by external-dns"]);
  });

  it("reads a stack without any of it", () => {
    const topology = readTopology({ name: "empty", resources: [], outputs: {} });
    assert.equal(formatText(topology), "Visitors");
  });
});

describe("every output of the topology", () => {
  const outputs = async (stack: DeployedStack): Promise<string[]> => {
    const topology = readTopology(stack);
    return [
      formatText(topology),
      formatMermaid(topology),
      await drawSvgFile(topology),
      await formatPage(topology, []),
    ];
  };

  it("contains no secret", async () => {
    const stack = await deployOnce("prod");
    const passwords = Object.values(stack.outputs.passwords as Record<string, Record<string, string>>);
    const secrets = [...passwords.flatMap((each) => Object.values(each)), "ciphertext-of-a-secret"];
    assert.equal(secrets.length, 3);
    const encrypted = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: "ciphertext-of-a-secret",
    };
    assert.ok(isEncrypted(encrypted));
    // As Pulumi exports it: also where no secret is expected.
    const hidden = {
      ...stack,
      resources: stack.resources.map((each) => ({
        ...each,
        inputs: {
          ...each.inputs,
          ...(each.type.endsWith(":DnsRecord") && { content: encrypted }),
          password: encrypted,
        },
      })),
    };
    for (const text of [...(await outputs(stack)), ...(await outputs(hidden))])
      for (const secret of secrets) assert.ok(!text.includes(secret), `found ${secret}`);
  });

  it("escapes what it takes from the settings", async () => {
    const { name, outputs: its, resources } = await deployOnce("prod");
    const hostile = `"]<script>alert(1)</script>'\\N&amp;`;
    const stack: DeployedStack = {
      name: hostile,
      resources: [
        ...resources,
        {
          urn: `x::${hostile}`,
          type: "platform:networking:AppService",
          id: "",
          parent: "",
          inputs: {},
          outputs: {},
        },
      ],
      outputs: {
        ...its,
        reachability: [{ from: hostile, to: hostile + ".org", ports: [1], protocol: hostile, meshed: false }],
      },
    };
    assert.notEqual(name, hostile);
    const [text = "", mermaid = "", svg = "", page = ""] = await outputs(stack);
    assert.ok(text.includes(hostile));
    for (const each of [mermaid, svg, page]) assert.ok(!each.includes("<script>alert"), each);
    assert.ok(!mermaid.includes('"]<') && !mermaid.includes("\\N"));
    for (const each of [svg, page])
      assert.ok(each.includes("&lt;script&gt;alert(1)&lt;/script&gt;&#39;\\N&amp;amp;"), each);
  });
});

import { strict as assert } from "node:assert";
import type { AddressInfo } from "node:net";

import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";

import { kubernetes } from "../../../sandbox/plugins/kubernetes/provider";
import type { KubeObject } from "../../../sandbox/plugins/kubernetes/values";
import { NotReady, type ResourceType, type Props } from "../../../sandbox/plugins/fake-provider";

/** As little of an API server as creating, reading and deleting takes. */
class FakeApiServer {
  readonly objects = new Map<string, KubeObject>();
  readonly requests: string[] = [];
  /** Answers given instead, by method and path. */
  readonly answers = new Map<string, { status: 403 | 409; body: unknown }>();
  private server: ServerType | undefined;

  async start(): Promise<string> {
    const app = new Hono();
    const resources = [
      { name: "configmaps", kind: "ConfigMap", namespaced: true },
      { name: "deployments/status", kind: "Deployment", namespaced: true },
      { name: "deployments", kind: "Deployment", namespaced: true },
      { name: "namespaces", kind: "Namespace", namespaced: false },
    ];
    app.use(async (c, next) => {
      const { pathname, search } = new URL(c.req.url);
      this.requests.push(`${c.req.method} ${pathname}${search}`);
      const answer = this.answers.get(`${c.req.method} ${pathname}`);
      if (answer !== undefined) return c.json(answer.body as object, answer.status);
      await next();
    });
    app.get("/api/v1", (c) => c.json({ resources }));
    app.get("/apis/apps/v1", (c) => c.json({ resources }));
    app.get("*", (c) => {
      const found = this.objects.get(c.req.path);
      return found ? c.json(found) : c.json({ message: "not found" }, 404);
    });
    app.patch("*", async (c) => {
      assert.equal(c.req.header("content-type"), "application/apply-patch+yaml");
      const given = await c.req.json<KubeObject>();
      const metadata = { ...given.metadata, uid: "u1", generation: 1, managedFields: [{}] };
      const object: KubeObject = { ...given, metadata, status: {} };
      this.objects.set(c.req.path, object);
      return c.json(object);
    });
    app.delete("*", async (c) => {
      this.requests.push(await c.req.text());
      return this.objects.delete(c.req.path) ? c.json({}) : c.json({ message: "not found" }, 404);
    });
    this.server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
    await new Promise((resolve) => this.server?.once("listening", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server?.close();
  }
}

describe("kubernetes stand-in: objects", () => {
  let api: FakeApiServer;
  let kubeconfig: string;

  beforeEach(async () => {
    api = new FakeApiServer();
    const server = await api.start();
    kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
  });
  afterEach(() => api.stop());

  function kindOf(token: string, args: Props = {}): ResourceType {
    const provider = kubernetes();
    provider.configure({ kubeconfig, ...args });
    const kind = provider.findType(token);
    assert.ok(kind);
    return kind;
  }
  const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
  const PATH = "/api/v1/namespaces/default/configmaps/a";
  const inputs = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { k: "v" } };
  const last = { inputs, outputs: {} };

  it("applies in the default namespace, without force, strictly", async () => {
    const { id, outputs } = await kindOf(CONFIG_MAP).create(inputs, "a");
    assert.equal(id, "default/a");
    assert.deepEqual(outputs.metadata, { name: "a", namespace: "default", uid: "u1", generation: 1 });
    assert.deepEqual(api.requests, [
      "GET /api/v1",
      `GET ${PATH}`,
      `PATCH ${PATH}?fieldManager=pulumi-kubernetes&force=false&fieldValidation=Strict`,
    ]);
  });

  it("gives what belongs to no namespace a bare id", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
    const { id } = await kindOf("kubernetes:core/v1:Namespace").create(namespace, "n");
    assert.equal(id, "n");
    assert.ok(api.objects.has("/api/v1/namespaces/n"));
  });

  it("does not take over what exists, unless told to", async () => {
    await kindOf(CONFIG_MAP).create(inputs, "a");
    await assert.rejects(kindOf(CONFIG_MAP).create(inputs, "a"), /resource "default\/a" already exists/);
    await kindOf(CONFIG_MAP, { upsertExistingObjects: "true" }).create(inputs, "a");
  });

  it("names the fields in dispute and their owner", async () => {
    const causes = [{ reason: "FieldManagerConflict", field: ".data.k", message: 'conflict with "kubectl"' }];
    api.answers.set(`PATCH ${PATH}`, { status: 409, body: { message: "conflict", details: { causes } } });
    await assert.rejects(
      kindOf(CONFIG_MAP).update("default/a", inputs, last),
      /ConfigMap "default\/a": .*\.data\.k \(conflict with "kubectl"\).*Leave them out/,
    );
  });

  it("passes on what the API server says", () => {
    api.answers.set(`PATCH ${PATH}`, { status: 403, body: { message: "exceeded quota" } });
    const message = 'ConfigMap "default/a": exceeded quota';
    return assert.rejects(kindOf(CONFIG_MAP).create(inputs, "a"), { message });
  });

  it("reads drift, but nothing that others added", async () => {
    const kind = kindOf(CONFIG_MAP);
    await kind.create(inputs, "a");
    assert.deepEqual((await kind.read("default/a", last))?.inputs, inputs);
    const live = api.objects.get(PATH);
    assert.ok(live);
    api.objects.set(PATH, { ...live, data: { k: "changed", other: "1" } });
    assert.deepEqual((await kind.read("default/a", last))?.inputs, { ...inputs, data: { k: "changed" } });
    assert.equal(await kind.read("default/b", last), undefined);
  });

  it("takes objects of a kind that is gone for gone", async () => {
    const kind = kindOf("kubernetes:example.org/v1:Gone");
    assert.equal(await kind.read("default/a", last), undefined);
    await kind.delete("default/a", last);
  });

  it("deletes in the foreground, and does not mind absence", async () => {
    const kind = kindOf(CONFIG_MAP);
    await kind.create(inputs, "a");
    await kind.delete("default/a", last);
    assert.ok(api.requests.some((request) => request.includes('"propagationPolicy":"Foreground"')));
    await kind.delete("default/a", last);
  });

  it("keeps what never became ready, and says what it lacks", async () => {
    const annotations = { "pulumi.com/timeoutSeconds": "0" };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d", annotations },
      spec: {},
    };
    await assert.rejects(kindOf("kubernetes:apps/v1:Deployment").create(deployment, "d"), (error) => {
      assert.ok(error instanceof NotReady);
      assert.equal(error.id, "default/d");
      assert.match(error.message, /no controller has seen this generation/);
      return true;
    });
  });

  it("says at once that nobody answers", async () => {
    const kind = kindOf(CONFIG_MAP);
    api.stop();
    await assert.rejects(
      kind.read("default/a", last),
      /API server at http:\/\/127\.0\.0\.1:\d+ does not answer/,
    );
  });
});

describe("kubernetes stand-in: fields that it cannot change in place", () => {
  for (const [type, mutable, ...fields] of [
    ["apps/v1:Deployment", false, "spec.selector"],
    ["core/v1:Service", false, "spec.clusterIP", "spec.type"],
    ["example.org/v1:Any", false],
    ["core/v1:ConfigMap", false, "data", "binaryData"],
    ["core/v1:Secret", false, "type", "data", "stringData"],
    ["core/v1:Secret", true, "type"],
  ] as const)
    it(`${type}${mutable ? " with enableSecretMutable" : ""}: ${fields.join()}`, () => {
      const provider = kubernetes();
      provider.configure({ enableSecretMutable: String(mutable) });
      const common = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];
      assert.deepEqual(provider.findType(`kubernetes:${type}`)?.replaceOn, [...common, ...fields]);
    });
});

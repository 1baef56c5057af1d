import * as assert from "node:assert/strict";

import { AppNamespace } from "../../../components/app/app-namespace";
import { find, run, value } from "../../harness";
import { providers } from "../providers";

const make = (meshCni?: boolean) =>
  run(() => new AppNamespace("apps", { namespace: "production", meshCni }, { providers: providers() }));

describe("AppNamespace", () => {
  it("denies ingress and egress of every pod by an empty rule each", async () => {
    const { resources } = await make();
    const { inputs, dependencies } = find(resources, ":CiliumNetworkPolicy", "apps-default-deny");
    assert.deepEqual(inputs, {
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: { name: "default-deny", namespace: "production" },
      spec: { endpointSelector: {}, ingress: [{}], egress: [{}] },
    });
    assert.deepEqual(dependencies, ["kubernetes:core/v1:Namespace apps"]);
  });

  it("labels the namespace, for admission policies and Pod Security", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Namespace", "apps").inputs.metadata, {
      name: "production",
      labels: {
        "platform-networking/apps": "true",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
      },
    });
  });

  it("enforces restricted pods with Linkerd's CNI plugin", async () => {
    const { resources } = await make(true);
    const { labels } = find(resources, ":Namespace", "apps").inputs.metadata as { labels: object };
    assert.equal(Object.entries(labels).find(([key]) => key.endsWith("/enforce"))?.[1], "restricted");
  });

  it("outputs the namespace once it exists", async () => {
    const { result, outputs } = await make();
    assert.equal(await value(result.namespace), "production");
    assert.deepEqual(outputs.find(({ of }) => of.endsWith("AppNamespace apps"))?.outputs, {
      namespace: "production",
    });
  });
});

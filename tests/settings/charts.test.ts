import * as assert from "node:assert/strict";

import { changed } from "../config";
import { accepts, prod, read, rejects } from "./configurations";

describe("the versions of charts in the settings", () => {
  rejects({
    "chartVersions.traefik: got 42.0.0, want 41.3.x: the program is tested with 41.3.0": {
      chartVersions: { traefik: "42.0.0" },
    },
    "chartVersions.cert-manager: got 1.21.3, want v1.21.x: the program is tested with v1.21.2": {
      chartVersions: { "cert-manager": "1.21.3" },
    },
    "ingress.traefikVersion: got v3.8.0, want v3.7.x: the program is tested with v3.7.13": {
      "ingress.traefikVersion": "v3.8.0",
    },
  });
  accepts([{ chartVersions: { "external-dns": "1.22.1" }, "ingress.traefikVersion": "v3.7.14" }]);

  it("move the charts that they name, and all of Linkerd's together", async () => {
    const versionsOf = async (chartVersions: object) => {
      const { charts } = await read(changed(prod, { chartVersions }));
      return Object.fromEntries(Object.entries(charts).map(([name, { version }]) => [name, version]));
    };
    const linkerd = ["linkerd2-cni", "linkerd-crds", "linkerd-control-plane", "linkerd-viz"];
    assert.deepEqual(await versionsOf({ traefik: "41.3.1", "linkerd-control-plane": "2026.8.4" }), {
      ...(await versionsOf({})),
      traefik: "41.3.1",
      ...Object.fromEntries(linkerd.map((name) => [name, "2026.8.4"])),
    });
  });
});

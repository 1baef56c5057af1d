import * as assert from "node:assert/strict";

import { ZoneToken } from "../../../components/cloudflare/zone-token";
import { attempt, find, value, type RunOptions } from "../../harness";
import { providers } from "../providers";

const zoneId = "0123456789abcdef0123456789abcdef";
const type = "cloudflare:index/apiToken:ApiToken";

const make = (options?: RunOptions) =>
  attempt(
    () => new ZoneToken("dns01-token", { zoneId, tokenName: "k3s dns01" }, { providers: providers() }),
    options,
  );

describe("ZoneToken", () => {
  it("has Zone: Read and DNS: Edit on the zone alone, in a stable order", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":ApiToken", "dns01-token").inputs, {
      name: "k3s dns01",
      policies: [
        {
          effect: "allow",
          permissionGroups: [
            { id: "4755a26eedb94da69e1066d98aa820be" },
            { id: "c8fed203ed3043cba015a93ad1616f1f" },
          ],
          resources: `{"com.cloudflare.api.account.zone.${zoneId}":"*"}`,
        },
      ],
    });
  });

  it("keeps its value secret", async () => {
    const { outputs, result } = await make();
    assert.ok(result);
    assert.equal(await value(result.value), "value-of-dns01-token");
    const registered = outputs.find(({ of }) => of.endsWith(" dns01-token"));
    assert.deepEqual(registered?.secrets, ["value"]);
  });

  for (const [title, empty] of [
    ["no value", undefined],
    ["an empty value", ""],
  ] as const)
    it(`fails for ${title}, as an imported token has`, async () => {
      const { fault } = await make({ answers: { [type]: { value: empty } } });
      assert.match(
        fault?.message ?? "",
        /The Cloudflare token "k3s dns01" has no value: .* let the program create its own\.$/,
      );
    });

  const list = "cloudflare:index/getApiTokens:getApiTokens";
  for (const preview of [true, false])
    it(`warns of a token of the same name in ${preview ? "a preview" : "an update"}, and creates its own`, async () => {
      const results = [
        { id: "a1", name: "k3s dns01" },
        { id: "b2", name: "another" },
      ];
      const { resources, logs, fault } = await make({ preview, answers: { [list]: { results } } });
      assert.equal(fault, undefined);
      assert.equal(find(resources, ":ApiToken", "dns01-token").importId, "");
      assert.equal(logs.length, 1);
      assert.equal(logs[0]?.severity, "warn");
      assert.match(
        logs[0].message,
        /^Cloudflare already has an API token "k3s dns01" \(a1\)\. .* delete it at https:/,
      );
    });

  it("does not fail if tokens cannot be listed", async () => {
    const { fault, logs } = await make({ answers: { [list]: new Error("403 Forbidden") } });
    assert.equal(fault, undefined);
    assert.deepEqual(logs, []);
  });
});

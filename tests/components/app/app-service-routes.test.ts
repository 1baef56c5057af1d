import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { find, value } from "../../harness";
import { make, route } from "./app-service-fixtures";

describe("the routes of an AppService", () => {
  it("creates a Secret with an htpasswd line per user", async () => {
    const { resources } = await make({ routes: [{ ...route, basicAuth: { users: ["ann", "bob"] } }] });
    assert.deepEqual(find(resources, ":Secret", "api-api.example.com-basic-auth").inputs.stringData, {
      auth: "ann:hash-of-api-api.example.com-ann\nbob:hash-of-api-api.example.com-bob",
    });
    assert.deepEqual(find(resources, ":RandomPassword", "api-api.example.com-ann").inputs, {
      length: 32,
      special: false,
    });
  });

  it("outputs its passwords by user and host, as a secret", async () => {
    const { result } = await make({ routes: [{ ...route, basicAuth: { users: ["ann"] } }] });
    assert.equal(await pulumi.isSecret(result.passwords), true);
    assert.deepEqual(await value(result.passwords), {
      "ann@api.example.com": "password-of-api-api.example.com-ann",
    });
  });
});

import * as assert from "node:assert/strict";

import { browser } from "../../sandbox/wire/places";
import { visit } from "./browser";
import { World } from "./world";

const world = new World();

describe("a request on the wire", () => {
  before(() => world.begin());

  describe("reaches the app that its host and path name", () => {
    for (const [url, app] of [
      ["https://api.example.com/v1/users", "api-gateway"],
      ["https://api.example.com/v1", "api-gateway"],
      ["https://api.example.com/health", "api-gateway"],
      ["https://example.com/", "web-frontend"],
      ["https://example.com/any/where", "web-frontend"],
      ["https://www.example.com/", "web-frontend"],
    ] as const)
      it(`${url}: ${app}`, async () => {
        const { status, seen } = await visit(url);
        assert.deepEqual([status, seen?.app, seen?.path], [200, app, new URL(url).pathname]);
      });

    for (const url of ["https://api.example.com/other", "https://api.example.com/v10", "https://api.example.com/health/x"])
      it(`${url}: nobody`, async () => assert.equal((await visit(url)).status, 404));
  });
});

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { deleteStaleLocks } from "../../sandbox/engine/stale-locks";
import { temporary } from "./temporary";

const temporaryHome = temporary("locks-");

describe("deleteStaleLocks", () => {
  const createLock = (content: string) => {
    const home = temporaryHome();
    const folder = path.join(home, "state/.pulumi/locks/organization/net/dev");
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "1.json"), content);
    return { home, count: () => fs.readdirSync(folder).length };
  };

  it("deletes a lock whose engine no longer runs, and an incomplete one", () => {
    for (const content of [JSON.stringify({ pid: 5, hostname: os.hostname() }), '{"pid": 5']) {
      const { home, count } = createLock(content);
      deleteStaleLocks(home, "net", "dev", () => false);
      assert.equal(count(), 0);
    }
  });

  it("refuses while the pulumi that took the lock runs", () => {
    const { home, count } = createLock(JSON.stringify({ pid: 5, hostname: os.hostname() }));
    assert.throws(
      () => deleteStaleLocks(home, "net", "dev", () => true),
      /in use by another pulumi \(process 5\)/,
    );
    assert.equal(count(), 1);
  });

  it("accepts a stack without locks", () => deleteStaleLocks("/nowhere", "net", "dev"));
});

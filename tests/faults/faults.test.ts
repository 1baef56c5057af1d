import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";

import { parse, stringify } from "yaml";

import { checks } from "../../doctor/checks";
import { createContext } from "../../doctor/context";
import { diagnose, type Diagnosis } from "../../doctor/diagnose";
import { findTarget } from "../../doctor/target";
import { limitCalls } from "../sandbox/edge/account";
import { clear, clouds, home, root, start } from "../sandbox/start";
import { createShell, type Shell } from "./environment";
import { faults, pairs, type Fault } from "./faults";
import { ensureKubectl } from "./kubectl";

const stack = "prod";
const target = "https://api.example.com/v1";
const stackFile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "faults-")), `Pulumi.${stack}.yaml`);

/** The settings of prod, unprotected and with external-dns. */
function writeStackFile(): void {
  const { config } = parse(fs.readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  const changed = {
    "platform-networking:protect": false,
    "platform-networking:externalDns": { domains: ["apps.example.com"] },
  };
  fs.writeFileSync(stackFile, stringify({ config: { ...config, ...changed } }));
}

/** Runs the doctor in this process, which is faster than its command. */
async function runDoctor(args: readonly string[] = [target]): Promise<Diagnosis> {
  const [argument, , from] = args;
  const context = await createContext(stack, (deployed) => findTarget(deployed, argument, from), {
    resolver: undefined,
  });
  return diagnose(context, checks);
}

/** Runs the doctor until a diagnosis is as wanted, since controllers take a moment. @returns the last one. */
async function runUntil(
  isWanted: (diagnosis: Diagnosis) => boolean,
  args?: readonly string[],
): Promise<Diagnosis> {
  for (const deadline = Date.now() + 40_000; ;) {
    const diagnosis = await runDoctor(args);
    if (isWanted(diagnosis) || Date.now() > deadline) return diagnosis;
    await setTimeout(2000);
  }
}

const codesOf = ({ causes }: Diagnosis): string[] => causes.map(({ code }) => code);

const describeCauses = ({ causes }: Diagnosis): string =>
  causes.map(({ code, object, problem, fix }) => `${code}: ${object} ${problem}\n  ${fix}`).join("\n");

describe("faults that the doctor finds", () => {
  let shell: Shell;

  before(async () => {
    await ensureKubectl();
    await clear();
    writeStackFile();
    const { code, output } = await start("up", "--stack", stack, "--stack-file", stackFile);
    assert.equal(code, 0, output);
    // Fifty faults in a quarter of an hour: more calls than Cloudflare allows one token, and than one user makes.
    await limitCalls({ requests: 100_000, seconds: 300 });
    shell = await createShell(home, clouds, stackFile);
    Object.assign(process.env, shell.environment);
    process.chdir(path.join(home, "project"));
  });
  after(async () => {
    process.chdir(root);
    await clear();
  });

  it("finds nothing in a healthy stack", async () => {
    const diagnosis = await runUntil(({ ok }) => ok, []);
    assert.equal(describeCauses(diagnosis), "");
    assert.deepEqual(
      diagnosis.steps.filter(({ status }) => status !== "ok"),
      [],
    );
  });

  /** Runs the fixes printed for a fault; or checks the printed advice and runs the repair that it describes. */
  const heal = async (fault: Fault, { causes }: Diagnosis): Promise<void> => {
    const fixes = new Set(causes.filter(({ code }) => code === fault.code).map(({ fix }) => fix));
    if (fault.repair === undefined) for (const fix of fixes) await shell.run(fix);
    else {
      assert.match([...fixes].join(), fault.advice ?? /./);
      await shell.run(fault.repair);
    }
  };

  for (const fault of faults)
    it(`${fault.name}: ${fault.code}`, async function () {
      await shell.run(fault.seed);
      const found = await runUntil((diagnosis) => codesOf(diagnosis)[0] === fault.code, fault.target);
      const rank = codesOf(found).indexOf(fault.code) + 1;
      if (process.env.SHOW !== undefined)
        console.log(`      rank ${rank} of ${found.causes.length}\n${describeCauses(found)}`);
      if (rank !== 1) await shell.run("pulumi up").catch(() => undefined);
      assert.equal(rank, 1, describeCauses(found));
      await heal(fault, found);
      const healed = await runUntil(({ ok }) => ok, fault.target);
      assert.equal(describeCauses(healed), "");
    });

  for (const [first, second] of pairs)
    it(`both of ${first} and ${second}`, async () => {
      const both = [first, second].map((name) => {
        const fault = faults.find((each) => each.name === name);
        assert.ok(fault, name);
        return fault;
      });
      for (const { seed } of both) await shell.run(seed);
      const hasBoth = (diagnosis: Diagnosis) => both.every(({ code }) => codesOf(diagnosis).includes(code));
      const found = await runUntil(hasBoth);
      assert.ok(hasBoth(found), describeCauses(found));
      // An update stops at a field that kubectl wrote: that one is repaired first.
      const isUpdate = (fault: Fault) =>
        found.causes.some(({ code, fix }) => code === fault.code && fix.includes("pulumi up"));
      for (const fault of both.toSorted((a, b) => Number(isUpdate(a)) - Number(isUpdate(b))))
        await heal(fault, found);
      assert.equal(describeCauses(await runUntil(({ ok }) => ok)), "");
    });

  it("finds nothing in the whole stack after all repairs", async () => {
    assert.equal(describeCauses(await runUntil(({ ok }) => ok, [])), "");
  });
});

import { takeFromToken } from "../sandbox/edge/account";
import { withController } from "../sandbox/controllers/settings";
import { dns, everything, furtherWith, loadBalancerNamed, wafOnBusiness } from "../sandbox/edge/settings";
import type { Settings } from "../sandbox/start";
import type { RealStack } from "./stack";
import { nothing, type Expected, type Ran } from "./table";

/** One row of the table. */
export interface Step {
  readonly what: string;
  readonly expected: Expected;
  readonly run: (stack: RealStack) => Promise<Ran>;
}

/** An `up` with these settings, and a second one that must change nothing. */
const move = (what: string, settings: Settings, expected: Expected): readonly Step[] => [
  { what, expected, run: (stack) => stack.up(settings) },
  { what: "  up again", expected: nothing, run: (stack) => stack.up() },
];

const inPlace = { ...nothing, update: "some" } as const;
/** @param replace what moves into the namespace of the new controller. */
const controller = (from: string, to: string, replace: number) =>
  move(`${from} -> ${to}`, withController(to), { create: "some", replace, delete: "some" });

const address = { type: "A", content: "203.0.113.11", proxied: false };

/** From an empty account to an empty account, in the order in which they are run. */
export const steps: readonly Step[] = [
  {
    what: "preview",
    expected: { ...nothing, create: "some" },
    run: (stack) => stack.preview({ ...withController("traefik"), createTokens: true }),
  },
  ...move("up", {}, { ...nothing, create: "some" }),
  { what: "refresh", expected: nothing, run: (stack) => stack.refresh() },
  ...controller("traefik", "nginx", 1),
  ...controller("nginx", "gateway", 0),
  ...controller("gateway", "traefik", 1),
  ...move("edge: everything, on Free", everything, { create: "some", replace: 0, delete: 0 }),
  ...move("edge: Business plan", { ...dns("business"), ...wafOnBusiness() }, inPlace),
  ...move(
    "edge: next generation of the origin's CA",
    { originLock: { clientCertificate: true, allowList: true, generation: 2 } },
    {},
  ),
  ...move(
    "edge: a record's content, the load balancer's name",
    { ...dns("business", furtherWith("status", address)), ...loadBalancerNamed("k3s-edge-lb") },
    { ...nothing, update: 2 },
  ),
  {
    what: "edge: a token without Transform Rules: Edit",
    expected: { ...nothing, fails: true },
    run: async (stack) => {
      await takeFromToken("Zone Transform Rules Write");
      const ran = await stack.up(wafOnBusiness("SAMEORIGIN"));
      await takeFromToken();
      return ran;
    },
  },
  ...move("edge: the token has it again", {}, { ...nothing, update: 1 }),
  { what: "protected: destroy", expected: { ...nothing, fails: true }, run: (stack) => stack.destroy() },
  {
    what: "protected: destroy --skip-preview",
    expected: { ...nothing, fails: true },
    run: (stack) => stack.destroy("--skip-preview"),
  },
  { what: "protected: up after it", expected: nothing, run: (stack) => stack.up() },
  { what: "state unprotect --all", expected: nothing, run: (stack) => stack.unprotect() },
  {
    what: "protect: false",
    expected: { create: 0, replace: 0 },
    run: (stack) => stack.up({ protect: false }),
  },
  {
    what: "destroy",
    expected: { ...nothing, delete: "some" },
    run: (stack) => stack.destroy("--skip-preview"),
  },
  { what: "nothing is left", expected: nothing, run: (stack) => stack.lookForLeftovers() },
];

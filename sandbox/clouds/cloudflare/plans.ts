import type { Zone } from "./accounts";

/** What a zone's owner pays for; most limits hang on it. */
export type Plan = Zone["plan"];

const cheapestFirst: readonly Plan[] = ["free", "pro", "business", "enterprise"];

/** Whether a plan has all that `least` has. */
export const isAtLeast = (plan: Plan, least: Plan): boolean =>
  cheapestFirst.indexOf(plan) >= cheapestFirst.indexOf(least);

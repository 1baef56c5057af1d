import { plans, type Zone } from "./accounts";

/** What a zone's owner pays for; most limits hang on it. */
export type Plan = Zone["plan"];

/** Whether a plan has all that `least` has. */
export const isAtLeast = (plan: Plan, least: Plan): boolean => plans.indexOf(plan) >= plans.indexOf(least);

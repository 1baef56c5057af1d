import { plans, type Zone } from "./accounts";

/** A zone's plan, which most limits depend on. */
export type Plan = Zone["plan"];

/** Whether a plan has all that `least` has. */
export const isAtLeast = (plan: Plan, least: Plan): boolean => plans.indexOf(plan) >= plans.indexOf(least);

import { z } from "zod";

/** Whether a value is neither undefined nor an empty object or list. */
export const isSet = (value: unknown): boolean =>
  value !== undefined && (typeof value !== "object" || value === null || Object.keys(value).length > 0);

const isEmptyObject = (value: unknown): boolean => !Array.isArray(value) && !isSet(value);

/** An optional section. `{}` counts as omitted, because Pulumi.yaml requires a default. */
export const optionalSection = <T extends z.ZodType>(section: T) =>
  z.preprocess((value) => (isEmptyObject(value) ? undefined : value), section.optional()).optional();

import { z } from "zod";

import { pattern } from "./names";

const quantity = pattern(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi)?$/, "a Kubernetes quantity, such as 100m or 128Mi");

/** The resource requests of one pod. */
export const resources = z
  .strictObject({
    /** The CPU request of one pod. */
    cpu: quantity.default("100m"),
    /** The memory request of one pod, and its limit. */
    memory: quantity.default("128Mi"),
  })
  .prefault({});

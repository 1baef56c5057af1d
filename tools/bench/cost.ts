/** What a program takes, by the operating system's account of its whole process. */
export interface Cost {
  /** Their number. */
  readonly resources: number;
  /** Seconds of CPU, user and system. */
  readonly cpu: number;
  /** Peak memory in MB. */
  readonly memory: number;
}

/** Writes the cost of this process to standard output, as JSON. */
export function writeCost(resources: number): void {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cost: Cost = { resources, cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS / 1024 };
  process.stdout.write(JSON.stringify(cost));
}

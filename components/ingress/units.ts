const unitMilliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A Go duration, such as `1h30m` or `250ms`, in milliseconds. NaN if it is none. */
export function parseDurationMs(duration: string): number {
  if (!/^(\d+(ms|s|m|h))+$/.test(duration)) return Number.NaN;
  return [...duration.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (unitMilliseconds[unit] ?? Number.NaN),
    0,
  );
}

const unitBytes: Readonly<Record<string, number>> = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** A size such as `10Mi` in bytes. NaN if it is not one. */
export function parseBytes(size: string): number {
  const [, count, unit = ""] = /^(\d+)(Ki|Mi|Gi)$/.exec(size) ?? [];
  return Number(count) * (unitBytes[unit] ?? Number.NaN);
}

// CPU seconds, user and system: others use the computer, too.

/** What this process takes for an act, its own threads of compilation included. */
export function cpuSeconds(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** What the children of a shell took, as bash's `times` tells it. */
export function childSeconds(times: string): number {
  const [, ofChildren = ''] = times.trim().split('\n');
  const seconds = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => 60 * Number(m) + Number(s));
  return seconds.reduce((sum, one) => sum + one, 0);
}

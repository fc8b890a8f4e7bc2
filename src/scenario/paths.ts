// Paths as scenarios have them: text of whoever wrote the file, which may not lead out of its folder.

/** Is it absolute, or does it climb out of the folder that it is relative to? */
export function leadsOutside(path: string): boolean {
  return /^\/|^[a-z]:|\\|(^|\/)\.\.(\/|$)/i.test(path);
}

/** What a scenario is called after its file. */
export function scenarioName(file: string): string {
  return (file.split(/[\\/]/).at(-1) ?? file).replace(/\.ya?ml$|\.json$/, '');
}

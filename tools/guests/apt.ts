// Packages of Debian's riscv64 port by the host's own apt, into a folder of ours: nothing is installed, and the host's
// package lists stay as they are. apt checks the signatures, so what comes is what Debian published.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../images/compile.ts';

const SUITE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Nothing is wrong with what is fetched, but here it cannot be: there is no apt, or no way to its archive. */
export class Unavailable extends ToolError {}

export interface Package {
  readonly name: string;
  readonly version: string;
  /** Path of the .deb file. */
  readonly file: string;
}

function call(tool: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(tool, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 });
  } catch (error) {
    const failed = error as { code?: string; stderr?: string; message: string };
    if (failed.code === 'ENOENT') {
      throw new Unavailable(`${tool} is not there\n  run this on Debian: the packages are fetched by its own apt`);
    }
    throw new ToolError(`${tool} failed\n  ${(failed.stderr || failed.message).trim().replaceAll('\n', '\n  ')}`);
  }
}

/** Where the host's own Debian packages come from. */
function repositoryOfHost(folder: string): string {
  const targets = call(
    'apt-get',
    ['indextargets', '--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages'],
    folder,
  );
  const lines = targets.split('\n').map((line) => line.split(' '));
  // Updates and security fixes are suites of their own, beside the one that has everything.
  const [main] = lines.find(([uri, release = '']) => uri && !/-|\//.test(release)) ?? [];
  if (main === undefined) throw new Unavailable("the host's apt has no package source\n  run this on Debian");
  return main;
}

/** An apt that knows one source: the riscv64 packages of the suite. */
export class Apt {
  readonly #folder: string;
  readonly #options: readonly string[];

  /** @param folder keeps lists and downloads between runs */
  constructor(folder: string) {
    this.#folder = folder;
    for (const inner of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, inner), { recursive: true });
    const source = join(folder, 'debian.sources');
    const signed = existsSync(KEYRING) ? `Signed-By: ${KEYRING}\n` : '';
    const stanza = `Types: deb\nURIs: ${repositoryOfHost(folder)}\nSuites: ${SUITE}\nComponents: main\n${signed}`;
    writeFileSync(source, stanza);
    const settings = {
      'Dir::Etc::sourcelist': source,
      'Dir::Etc::sourceparts': '-',
      'APT::Architecture': 'riscv64',
      'APT::Architectures': 'riscv64',
      'Dir::State::Lists': join(folder, 'lists'),
      'Dir::Cache': folder,
      'Dir::Cache::pkgcache': '',
      'Dir::Cache::srcpkgcache': '',
      'Acquire::Languages': 'none',
    };
    this.#options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  }

  update(): void {
    // Without this apt takes an archive that it cannot reach for one that has nothing new.
    const strict = ['-o', 'APT::Update::Error-Mode=any'];
    try {
      call('apt-get', [...this.#options, ...strict, '-q', 'update'], this.#folder);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      throw new Unavailable(`Debian's archive cannot be reached: ${error.message}`);
    }
  }

  /** Packages that are there already in their current version are not fetched again. */
  download(names: readonly string[]): Package[] {
    const archives = join(this.#folder, 'archives');
    const shown = call('apt-cache', [...this.#options, 'show', '--no-all-versions', ...names], archives);
    const versions = new Map(
      [...shown.matchAll(/^Package: (.*)$[\s\S]*?^Version: (.*)$/gm)].map(([, name = '', version = '']) => [
        name,
        version,
      ]),
    );
    call('apt-get', [...this.#options, '-q', 'download', ...names], archives);
    return names.map((name) => {
      const version = versions.get(name) ?? '';
      // A colon in a version is written as %3a in the file's name.
      const [file] = globSync(`${name}_${version.replaceAll(':', '%3a')}_*.deb`, { cwd: archives });
      if (file === undefined) throw new ToolError(`${name} was not downloaded\n  is it in Debian ${SUITE}?`);
      return { name, version, file: join(archives, file) };
    });
  }

  /** What an empty system would need for it, itself included; recommendations left out. */
  closureOf(name: string): string[] {
    const nothing = join(this.#folder, 'nothing-installed');
    writeFileSync(nothing, '');
    const options = [...this.#options, '-o', `Dir::State::status=${nothing}`, '--no-install-recommends', '--simulate'];
    const steps = call('apt-get', [...options, 'install', name], this.#folder);
    return [...steps.matchAll(/^Inst (\S+)/gm)].map(([, found = '']) => found);
  }

  /** The first package that this one depends on: what a metapackage stands for. */
  dependencyOf(file: string): string {
    const depends = call('dpkg-deb', ['--field', file, 'Depends'], this.#folder);
    return (depends.split(/[,|]/)[0] ?? '').replace(/\(.*/, '').trim();
  }
}

export function unpack(packages: readonly Package[], tree: string): void {
  mkdirSync(tree, { recursive: true });
  for (const { file } of packages) call('dpkg', ['--extract', file, tree], tree);
}

/** A scenario in which nothing can be measured, because a guest does not do its work even when nothing is wrong. Who knows
 * the file says where. */
export class UnfitScenario extends Error {
  override readonly name = 'UnfitScenario';
  readonly guest: string;
  readonly what: string;
  readonly remedy: string;

  constructor(guest: string, what: string, remedy: string) {
    super(`${guest}: ${what}`);
    this.guest = guest;
    this.what = what;
    this.remedy = remedy;
  }
}

/** Of what the package offers, what the tests ask; its own types are not among its exports. */
declare module 'cephes' {
  const cephes: {
    /** Settles when its WebAssembly is ready. */
    readonly compiled: Promise<void>;
    /** The incomplete beta function I_x(a, b), and its inverse in x. */
    incbet(a: number, b: number, x: number): number;
    incbi(a: number, b: number, share: number): number;
  };
  export default cephes;
}

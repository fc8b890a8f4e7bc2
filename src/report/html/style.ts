// The look of the page: system fonts, two schemes, and paper. Colour only repeats what sign, shape or word says.

export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#eef1f4;--line:#cfd5db;--dim:#57606a;
--good:#1a6b3c;--bad:#b3261e;--warn:#8a5a00;--link:#0b5fa5;--m0:#0b5fa5;--m1:#b45309;--m2:#6d28d9;--m3:#047857;--m4:#4b5563}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--paper:#15181c;--soft:#20252b;--line:#3a424b;--dim:#9aa4af;
--good:#6fd39a;--bad:#ff8b80;--warn:#f0c36a;--link:#7db8f0;--m0:#7db8f0;--m1:#f0a35e;--m2:#b79bf5;--m3:#5fd0a5;--m4:#a9b3bd}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,header.top{max-width:1080px;margin:0 auto;padding:0 20px}
header.top{padding-top:28px}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 .3rem}
h2{font-size:1.25rem;margin:0 0 .3rem}
h3{font-size:1.02rem;margin:0 0 .25rem;font-weight:600}
h4{font-size:.85rem;margin:.4rem 0 .1rem;color:var(--dim);font-weight:600}
a{color:var(--link)}
nav ol{display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;margin:14px 0 0;list-style:none;font-size:.9rem}
section{padding:26px 0 8px;margin-top:22px;border-top:1px solid var(--line);scroll-margin-top:8px}
.number{color:var(--dim);font-weight:400;margin-right:.35em}
.about,.note,.source,.absent{color:var(--dim);max-width:76ch;margin:.2rem 0 .8rem}
.source{font-size:.88rem;margin:.1rem 0}
.absent{font-style:italic}
.claim{border-left:4px solid var(--line);padding:.1rem 0 .3rem 14px;margin:0 0 16px}
.claim q{quotes:"“" "”"}
.claim .id{display:inline-block;min-width:2.2em;color:var(--dim)}
.verdict{display:inline-block;margin:.1rem 0;font-weight:700;letter-spacing:.03em}
.sign{display:inline-block;width:1.1em}
.supported{border-color:var(--good)}.supported .verdict{color:var(--good)}
.contradicted{border-color:var(--bad)}.contradicted .verdict{color:var(--bad)}
.mixed,.inconclusive{border-color:var(--warn)}.mixed .verdict,.inconclusive .verdict{color:var(--warn)}
.untested .verdict{color:var(--dim)}
.untested{border-left-style:dashed}
.evidence{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:0 28px;font-size:.93rem}
.evidence ul{margin:0 0 .3rem;padding-left:1.1em;overflow-wrap:anywhere}
.for li::marker{content:"+ "}.against li::marker{content:"− "}
.scroll{overflow-x:auto;margin:0 0 12px}
.scroll:focus-visible,button:focus-visible,a:focus-visible,summary:focus-visible,pre:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--dim);padding:0 0 4px;font-size:.85rem}
th,td{padding:3px 12px 3px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--soft)}
thead th{border-bottom:1px solid var(--line);vertical-align:bottom}
tbody th{font-weight:400;white-space:nowrap}
.matrix td,.matrix thead th.figure{text-align:center}
.waiting td{min-width:14em}
.figure{text-align:right;white-space:nowrap}
figure{margin:0 0 14px}
figcaption{font-size:.85rem;color:var(--dim);max-width:90ch}
svg{display:block;height:auto}
svg text{font:12px system-ui,sans-serif;fill:var(--ink)}svg .small{font-size:11px}
svg .end{text-anchor:end}svg .middle{text-anchor:middle}
.axis{stroke:var(--dim);fill:none}.grid{stroke:var(--line)}.lane{fill:var(--soft)}.soft{fill-opacity:.4}
.mark0{fill:var(--m0);stroke:var(--m0)}.mark1{fill:var(--m1);stroke:var(--m1)}.mark2{fill:var(--m2);stroke:var(--m2)}
.mark3{fill:var(--m3);stroke:var(--m3)}.mark4{fill:var(--m4);stroke:var(--m4)}line.bad,rect.bad{stroke:var(--bad);fill:var(--bad)}
button{font:inherit;font-size:.88rem;color:var(--ink);background:var(--soft);border:1px solid var(--line);border-radius:4px;padding:1px 9px;cursor:pointer}
button.cell{min-width:3.6em;font-variant-numeric:tabular-nums}
.cell.failed{border:2px solid var(--bad);font-weight:700}.cell.some{border-color:var(--ink)}.cell.none{color:var(--dim)}
.failed{color:var(--bad)}.none{color:var(--dim)}.some{font-weight:600}
.consoles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr));gap:14px}
pre{background:var(--soft);padding:8px 10px;margin:0 0 10px;overflow:auto;max-height:22em;font-size:.8rem;line-height:1.35}
code{font-size:.86em;overflow-wrap:anywhere}
details{margin:0 0 14px}summary{cursor:pointer;color:var(--link);margin-bottom:6px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 18px;margin:0 0 12px}dt{color:var(--dim)}dd{margin:0}
ul.downloads{columns:14em;padding-left:1.1em}
#replay{position:sticky;bottom:0;background:var(--soft);border-top:2px solid var(--link);padding:8px 20px;font-size:.9rem;overflow-wrap:anywhere}
#replay[hidden]{display:none}
@media print{:root{--ink:#000;--paper:#fff;--soft:#f2f2f2;--line:#bbb;--dim:#444}
body{font-size:10pt}main,header.top{max-width:none;padding:0}nav,#replay,.downloads,button:not(.cell){display:none}
section,.claim,figure,tr{break-inside:avoid}section{break-inside:auto}.scroll{overflow:visible}svg{max-width:100%}
pre{max-height:none}button.cell{background:none}details:not([open])>*{display:none}}
`;

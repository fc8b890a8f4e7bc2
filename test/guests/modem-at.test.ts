// The modem's AT commands, typed at its line (ITU-T V.250, 3GPP TS 27.007), and what it does beside them.
import { describe, expect, it } from 'vitest';
import { rtosModel } from './models.ts';
import { bootModem, DISTURBANCE_TICKS, LINE, quietDeadline } from './modem-alone.ts';

const SETTLED = 3_000_000;
/** It serves peers for a small share of each millisecond only. */
const ANSWERED = 3_000_000;
const BYTE = 10_000;

/** Types each text once what came before was answered; returns what is said to each. */
function dialogue(...typed: string[]): {
  readonly said: string[];
  readonly machine: ReturnType<typeof bootModem>['machine'];
} {
  const { machine } = bootModem();
  machine.run(SETTLED);
  let heard = 0;
  const said = typed.map((text) => {
    machine.input(LINE, new TextEncoder().encode(text));
    machine.run(machine.cycles + ANSWERED + BYTE * text.length);
    const all = machine.consoles[LINE]?.text() ?? '';
    const answer = all.slice(heard);
    heard = all.length;
    return answer;
  });
  return { said, machine };
}

const answered = (...lines: string[]) => lines.map((line) => `\r\n${line}\r\n`).join('');

describe('AT commands', () => {
  it('are echoed until E0, and answered in lines', () => {
    const { said } = dialogue('AT\r', 'ATE0\r', 'AT\r', 'ATE1\r', 'AT\r');
    expect(said).toEqual([
      `AT\r${answered('OK')}`,
      `ATE0\r${answered('OK')}`,
      answered('OK'),
      answered('OK'),
      `AT\r${answered('OK')}`,
    ]);
  });

  it.each([
    ['AT', ['OK']],
    ['at', ['OK']],
    ['ATI', ['Taco modem', 'OK']],
    ['AT+CSQ', ['+CSQ: 17,99', 'OK']],
    ['at+csq', ['+CSQ: 17,99', 'OK']],
    ['AT+CSQ=?', ['+CSQ: (0-31,99),(99)', 'OK']],
    ['AT+COPS?', ['+COPS: 0,0,"Taco",7', 'OK']],
    ['AT +CREG?', ['+CREG: 0,1', 'OK']],
    ['AT+CGMI;+CGMM', ['Taco', 'modem', 'OK']],
    ['ATE0I+CPIN?', ['Taco modem', '+CPIN: READY', 'OK']],
    ['ATD+4912345;', ['OK']],
    ['ATD12345', ['NO CARRIER']],
    ['ATD;', ['ERROR']],
    ['ATDx', ['ERROR']],
    ['AT+CSQ?', ['ERROR']],
    ['AT+CS', ['ERROR']],
    ['AT+CSQQ', ['ERROR']],
    ['AT+NOSUCH', ['ERROR']],
    ['AT+', ['ERROR']],
    ['ATI9', ['ERROR']],
    ['ATI99999999999999999999', ['ERROR']],
    ['ATI+NOSUCHI', ['Taco modem', 'ERROR']],
    ['ATX\bI', ['Taco modem', 'OK']],
    ['AATI', ['Taco modem', 'OK']],
  ])('%s says %j', (command, lines) => {
    expect(dialogue('ATE0\r', `${command}\r`).said[1]).toBe(answered(...lines));
  });

  it('have a call in progress until H', () => {
    const { said } = dialogue('ATE0\r', 'ATD123;\r', 'AT+CPAS\r', 'ATD4;\r', 'ATH\r', 'AT+CPAS\r');
    expect(said.slice(1)).toEqual([
      answered('OK'),
      answered('+CPAS: 4', 'OK'),
      answered('ERROR'),
      answered('OK'),
      answered('+CPAS: 0', 'OK'),
    ]);
  });

  it('are longer than the line has room for: an error, once, and the next is heard', () => {
    const fits = `AT+CSQ;${';+CSQ'.repeat(10)}`.slice(0, 2 + 63);
    const { said } = dialogue(
      'ATE0\r',
      `${fits}\r`,
      `AT${'I'.repeat(63)}\r`,
      `AT${'I'.repeat(64)}\r`,
      `AT${'x'.repeat(900)}\r`,
      'AT\r',
    );
    expect(said[2]).toBe(`${answered('Taco modem').repeat(63)}${answered('OK')}`);
    expect(said.slice(3)).toEqual([answered('ERROR'), answered('ERROR'), answered('OK')]);
  });

  it('do not begin with AT: no answer', () => {
    const { said } = dialogue('ATE0\r', 'hello\r\n\r\n\0\xff\x1b', 'A\rBT\r', 'AT\r');
    expect(said.slice(1)).toEqual(['', '', answered('OK')]);
  });

  it('cost the control loop nothing: all words right, all deadlines met, while the line is flooded', () => {
    const { machine } = bootModem();
    const flood = new TextEncoder().encode('AT+CSQ\r'.repeat(500));
    while (machine.monitors[0]?.ended === false && machine.cycles < 150_000_000) {
      machine.input(LINE, flood);
      machine.run(machine.cycles + 200_000);
    }
    const monitor = machine.monitors[0];
    expect(monitor?.outputs.words()).toEqual(rtosModel(0, 64));
    expect(monitor?.ended).toBe(true);
    expect(monitor?.deadlineMax).toBeLessThan(quietDeadline() + DISTURBANCE_TICKS);
    expect(machine.consoles[LINE]?.bytes).toBeGreaterThan(10_000);
  });
});

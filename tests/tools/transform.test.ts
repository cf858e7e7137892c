import { transform } from '#core/tools/kinds/transform.ts'
import { describeTool } from './conformance.ts'

const memory = { code: 'limit_exceeded', names: /128 MB|5 MiB|maximum sequence|took longer|timeout/ } as const

describeTool(transform, {
  rateMicros: 500n,
  examples: [
    {
      name: 'a sum',
      input: { data: { items: [{ price: 2 }, { price: 3 }] }, expression: '$sum(items.price)' },
      output: { value: 5 },
    },
    { name: 'a list', input: { data: [3, 1, 2], expression: '$sort($)' }, output: { value: [1, 2, 3] } },
    {
      name: 'an object',
      input: { data: { a: 1 }, expression: '{ "b": a + 1, "c": [a, null] }' },
      output: { value: { b: 2, c: [1, null] } },
    },
    { name: 'nothing found', input: { data: { a: 1 }, expression: 'b.c' }, output: { value: null } },
    { name: 'text as data', input: { data: 'a,b', expression: '$split($, ",")' }, output: { value: ['a', 'b'] } },
    {
      name: 'an expression in the data',
      input: { data: { e: '1 + 1' }, expression: '$eval(e)' },
      output: { value: 2 },
    },
    {
      name: 'a given date',
      input: { data: 0, expression: '$fromMillis($)' },
      output: { value: '1970-01-01T00:00:00.000Z' },
    },
  ],
  refused: [
    { name: 'a missing expression', input: { data: 1 }, names: 'expression is required' },
    { name: 'both missing', input: {}, names: /data is required.*expression is required/ },
    {
      name: 'a broken expression',
      input: { data: {}, expression: 'a[' },
      names: /not valid JSONata: .*at character 2/,
    },
    {
      name: 'a wrong argument',
      input: { data: 1, expression: '$uppercase($)' },
      names: /expression failed: .*uppercase/,
    },
    { name: 'an error of its own', input: { data: 1, expression: '$error("no stock")' }, names: 'no stock' },
    { name: 'a function as result', input: { data: 1, expression: '[$sum]' }, names: 'a function, not data' },
    { name: 'the clock', input: { data: 1, expression: '$now()' }, names: '$now does not exist here' },
    {
      name: 'the clock through $eval',
      input: { data: 1, expression: '$eval("$millis()")' },
      names: '$millis does not exist here',
    },
    { name: 'dice', input: { data: 1, expression: '$random()' }, names: '$random does not exist here' },
    {
      name: '65 KiB of data',
      input: { data: ['x'.repeat(65 * 1024)], expression: '$' },
      code: 'limit_exceeded',
      names: 'The data and the expression are together 66 KiB; data.transform takes at most 64 KiB.',
    },
  ],
  hostile: [
    {
      name: 'endless recursion',
      input: { data: 1, expression: '($x := function($n){ 1 + $x($n) }; $x(1))' },
      code: 'limit_exceeded',
      names: 'Stack overflow',
    },
    {
      name: 'an endless tail call',
      input: { data: 1, expression: '($x := function(){ $x() }; $x())' },
      code: 'limit_exceeded',
      names: 'timeout',
    },
    {
      name: 'recursion inside $eval',
      input: { data: 1, expression: '$eval("($x := function($n){ 1 + $x($n) }; $x(1))")' },
      code: 'limit_exceeded',
    },
    {
      name: 'a regular expression bomb',
      input: { data: `${'a'.repeat(60)}!`, expression: '$match($, /^(a+)+$/)' },
      code: 'limit_exceeded',
      names: 'longer than 10 s',
    },
    { name: 'an endless sequence', input: { data: 1, expression: '[1..10000000]' }, code: 'limit_exceeded' },
    { name: 'one huge allocation', input: { data: 1, expression: '$length($pad("", 200000000))' }, ...memory },
    {
      name: 'one huge number picture',
      input: { data: 1, expression: '$formatNumber(1, $pad("0", 50000000, "0"))' },
      ...memory,
    },
    {
      name: 'a list of a hundred million',
      input: { data: 1, expression: '$count($split($pad("", 100000000), ""))' },
      ...memory,
    },
    {
      name: 'memory in small pieces',
      input: { data: 1, expression: '$map([1..90000], function($v){ $string([1..90000]) })' },
      ...memory,
    },
    {
      name: 'doubling text',
      input: { data: 1, expression: '($f := function($s, $n){ $n > 60 ? $s : $f($s & $s, $n + 1) }; $f("aaaa", 0))' },
      code: 'limit_exceeded',
    },
    {
      name: 'a result over 5 MiB',
      input: { data: 1, expression: '$pad("", 6000000)' },
      code: 'limit_exceeded',
      names: 'larger than 5 MiB',
    },
    {
      name: 'a deep expression',
      input: { data: 1, expression: '('.repeat(20_000) + ')'.repeat(20_000) },
      code: 'limit_exceeded',
    },
    {
      name: 'the prototype of data',
      input: { data: {}, expression: '[constructor, __proto__, $lookup($, "__proto__")]' },
    },
    {
      name: 'the constructor of a function',
      input: { data: {}, expression: '$sum.constructor("return process")()' },
      code: 'bad_input',
    },
  ],
})

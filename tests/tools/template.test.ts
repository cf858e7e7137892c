import { template } from '#core/tools/kinds/template.ts'
import { describeTool } from './conformance.ts'

describeTool(template, {
  rateMicros: 500n,
  examples: [
    {
      name: 'names of the data',
      input: { template: 'Hi {{ name }}!', data: { name: 'Ada' } },
      output: { text: 'Hi Ada!' },
    },
    {
      name: 'the data itself',
      input: { template: '{{ data.name | upcase }} {{ data | json }}', data: { name: 'Ada' } },
      output: { text: 'ADA {"name":"Ada"}' },
    },
    {
      name: 'a list as data',
      input: { template: '{% for x in data %}{{ x }};{% endfor %}', data: [1, 2] },
      output: { text: '1;2;' },
    },
    { name: 'no data', input: { template: 'plain' }, output: { text: 'plain' } },
    {
      name: 'an object in the text',
      input: { template: '{{ a }}', data: { a: { b: [1] } } },
      output: { text: '{"b":[1]}' },
    },
    { name: 'a default', input: { template: '{{ nobody | default: "you" }}' }, output: { text: 'you' } },
    {
      name: 'a missing name in a condition',
      input: { template: '{% if nobody %}a{% else %}b{% endif %}' },
      output: { text: 'b' },
    },
    {
      name: "the step's own time",
      input: { template: '{{ "now" | date: "%Y-%m-%d %H:%M" }}' },
      output: { text: '2027-01-15 09:30' },
    },
  ],
  refused: [
    { name: 'a missing template', input: { data: {} }, names: 'template is required' },
    {
      name: 'a name without a value',
      input: { template: 'a\n{{ nobody }}' },
      names: 'Line 2, column 4: “nobody” has no value.',
    },
    { name: 'an unclosed tag', input: { template: '{% if a %}' }, names: /Line 1, column 1: .*not closed/ },
    {
      name: 'an unknown filter',
      input: { template: '{{ a | boom }}', data: { a: 1 } },
      names: 'undefined filter: boom',
    },
    { name: 'a file', input: { template: '{% render "package.json" %}' }, names: 'render' },
    { name: 'an included file', input: { template: '{% include "./package.json" %}' }, names: 'include' },
    { name: 'a layout', input: { template: '{% layout "package.json" %}' }, names: 'layout' },
    { name: 'a prototype', input: { template: '{{ data.constructor.name }}' }, names: 'data.constructor' },
    { name: '__proto__', input: { template: '{{ data.__proto__ }}' }, names: '__proto__' },
    {
      name: 'a built-in of text',
      input: { template: '{{ s.constructor }}', data: { s: 'abc' } },
      names: 's.constructor',
    },
    { name: 'dice', input: { template: '{{ data | sample }}', data: [1, 2] }, names: 'undefined filter: sample' },
  ],
  hostile: [
    {
      name: 'an endless loop',
      input: { template: '{% for i in (1..100000000) %}{% endfor %}' },
      code: 'limit_exceeded',
    },
    {
      name: 'loops in loops',
      input: { template: `${'{% for i in (1..1000) %}'.repeat(4)}x${'{% endfor %}'.repeat(4)}` },
      code: 'limit_exceeded',
    },
    {
      name: 'doubling text',
      input: { template: `{% assign s = "aaaaaaaa" %}${'{% assign s = s | append: s %}'.repeat(40)}{{ s }}` },
      code: 'limit_exceeded',
    },
    {
      name: 'a large text again and again',
      input: {
        template: '{% capture x %}{% for i in (1..1000) %}{{ s }}{% endfor %}{% endcapture %}{{ x.size }}',
        data: { s: 'x'.repeat(500_000) },
      },
      code: 'limit_exceeded',
      names: '5 MiB',
    },
    {
      name: 'a large list',
      input: { template: '{{ s | split: "" | sort | size }}', data: { s: 'ba'.repeat(250_000) } },
      code: 'limit_exceeded',
    },
    { name: 'deep tags', input: { template: '{% if true %}'.repeat(5_000) } },
    { name: 'a template of 65 KiB', input: { template: 'x'.repeat(65 * 1024) }, code: 'limit_exceeded' },
    { name: 'unclosed outputs', input: { template: '{{'.repeat(30_000) }, code: 'bad_input' },
    { name: 'a wide date', input: { template: '{{ 0 | date: "%999999999d" }}' }, code: 'limit_exceeded' },
    {
      name: 'needles in a haystack',
      input: { template: '{{ s | replace: p, "" }}', data: { s: 'a'.repeat(500_000), p: `b${'a'.repeat(250_000)}` } },
    },
  ],
})

// The sample rollouts, written by hand. A turn is what the model says: `think`, then a `zoom` [x1, y1, x2, y2] with an
// optional `label`, or an `answer`. `refused` is what the environment answers instead of a crop.

const INVALID = 'Error: ZOOM IN ARGUMENTS ARE INVALID';

/** For the project's own format: one of each thing that a viewer must be able to show. */
export const OWN = [
  {
    scene: 'station',
    turns: [
      {
        think:
          'The departures are on the dark board that hangs from the roof. Its lines are too small to read from here, so I look at the whole board first.',
        zoom: [612, 142, 988, 374],
        label: 'departure board',
      },
      {
        think:
          'Now I can tell the towns apart. Oslo is the third line. I look at this line alone, to be sure which number belongs to it.',
        zoom: [628, 248, 972, 280],
        label: 'line of the train to Oslo',
      },
      { think: 'The line reads 17:20, OSLO, 7.', answer: 'It leaves from platform 7.' },
    ],
    right: true,
  },
  {
    scene: 'evening-sky',
    turns: [
      {
        think:
          'The blue balloon floats low on the right. There is a lantern above it, a little to the left. I zoom in on that one.',
        zoom: [1092, 352, 1152, 432],
        label: 'lantern near the blue balloon',
      },
      { think: 'The lantern carries the letter E.', answer: 'The letter is E.' },
    ],
    right: false,
  },
  {
    scene: 'jar-shelf',
    turns: [
      {
        think:
          'Three little jars with steel lids stand in the middle of the top shelf. The cloves are the right one.',
        zoom: [1046, 230, 954, 350],
        label: 'jar of cloves',
      },
      {
        think: 'The call was refused: I gave the right edge first. Once more with the corners in order.',
        zoom: [954, 230, 1046, 350],
        label: 'jar of cloves',
      },
      { think: 'The label says CLOVES, and below it NOV 25.', answer: 'The date is Nov 25.' },
    ],
    refused: { 0: INVALID },
    right: true,
  },
  {
    scene: 'market-street',
    turns: [
      {
        think:
          'The green fruit is in the second crate in front of the tea shop. Its card is tiny; I zoom in on exactly the card.',
        zoom: [767, 735, 793, 750],
        label: 'price card',
      },
      {
        think: 'That piece was too small for the tool. I take the whole crate with its card.',
        zoom: [728, 716, 832, 810],
        label: 'crate of green fruit',
      },
      { think: 'The card on the green fruit reads 3.10.', answer: 'It says 3.10.' },
    ],
    refused: { 0: INVALID },
    right: true,
  },
  {
    scene: 'harbour',
    turns: [
      {
        think:
          'The boat with the number 305 has a pale green sail and sails right of the middle. The green buoy floats between it and the boat with the yellow sail, so it is further left. No closer look is needed.',
        answer: 'The green buoy is on the left side of the boat with the number 305.',
      },
    ],
    right: true,
  },
  {
    scene: 'jar-shelf',
    question: 'Which of the three little jars has the oldest date?',
    truth: 'The jar of cloves has the oldest date.',
    turns: [
      {
        think: 'I have to compare three dates, so I read them one after the other, from the left.',
        zoom: [714, 270, 806, 312],
        label: 'label of the pepper',
      },
      { think: 'Pepper: JAN 26. Next the salt.', zoom: [834, 270, 926, 312], label: 'label of the salt' },
      { think: 'Salt: MAR 26. Last the cloves.', zoom: [954, 270, 1046, 312], label: 'label of the cloves' },
      {
        think: 'Cloves: NOV 25. November 2025 comes before January and March 2026.',
        answer: 'The jar of cloves has the oldest date.',
      },
    ],
    right: true,
  },
];

/** For the evaluation's format; `question`, `options` and the right answer are the scene's where they are not given. */
export const EVALUATION = [
  {
    scene: 'station',
    turns: [
      { think: 'I read the board.', zoom: [616, 146, 984, 370], label: 'departure board' },
      { think: 'OSLO stands in the third line, with platform 7.', answer: 'It leaves from platform 7.' },
    ],
    right: true,
  },
  {
    scene: 'evening-sky',
    turns: [
      {
        think: 'The small lantern to the left of the blue balloon has a letter. I look at it closely.',
        zoom: [1000, 547, 1020, 572],
        label: 'small lantern',
      },
      { think: 'The letter is an S.', answer: 'The letter is S.' },
    ],
    right: true,
  },
  {
    scene: 'jar-shelf',
    turns: [
      { think: 'The label of the jar is too small to read.', zoom: [880, 260, 940, 320] },
      { think: 'It says MAR 26.', answer: 'The date is Mar 26.' },
    ],
    right: false,
  },
  {
    scene: 'market-street',
    turns: [
      { think: 'I zoom in on the card of the green fruit.', zoom: [768, 734, 792, 750], label: 'card' },
      { think: 'It is blurred. I look again.', zoom: [768, 734, 792, 750], label: 'card' },
      { think: 'The card says 3.10.', answer: 'It says 3.10.' },
    ],
    right: true,
  },
  {
    scene: 'market-street',
    question: 'Which number is on the door of the clock shop?',
    options: ['The number is 18.', 'The number is 16.', 'The number is 20.', 'The number is 13.'],
    turns: [
      {
        think: 'The clock shop is violet; its door is to the right of the window.',
        zoom: [1170, 610, 1260, 800],
        label: 'door of the clock shop',
      },
      { think: 'The plate on the door reads 18.', answer: 'The number is 18.' },
    ],
    right: true,
  },
  {
    scene: 'station',
    question: 'What is written on the tag of the brown suitcase?',
    options: ['It says MILA.', 'It says MIRA.', 'It says LIMA.', 'It says MILO.'],
    turns: [
      {
        think: 'The brown suitcase stands on the left. Its tag may be read without a closer look.',
        answer: 'It says MIRA.',
      },
    ],
    right: false,
  },
  {
    scene: 'jar-shelf',
    question: 'Which year is written on the postcard?',
    options: ['The year is 1998.', 'The year is 1988.', 'The year is 1993.', 'The year is 1889.'],
    turns: [
      {
        think: 'A postcard hangs on the wall above the lowest shelf.',
        zoom: [1070, 750, 1190, 845],
        label: 'postcard',
      },
      { think: 'Under the picture stands ROMA 1998.', answer: 'The year is 1998.' },
    ],
    right: true,
  },
];

const OSLO = 'It leaves from platform 7.';
const LANTERN = 'The letter is S.';

/** For the training dump: two steps, two questions each, four rollouts of each question. */
export const TRAINING = [
  {
    step: 8,
    scene: 'station',
    turns: [
      { think: 'The board shows trains. Oslo may be at the bottom.', answer: 'It leaves from platform 5.' },
    ],
    right: false,
  },
  {
    step: 8,
    scene: 'station',
    turns: [
      { think: 'I look at the clock.', zoom: [410, 145, 550, 285], label: 'board' },
      { think: 'This is a clock. I guess.', answer: 'It leaves from platform 2.' },
    ],
    right: false,
  },
  {
    step: 8,
    scene: 'station',
    turns: [
      { think: 'The board has to be enlarged.', zoom: [600, 130, 1000, 380], label: 'board' },
      { think: 'Oslo is in the third line: 7.', answer: OSLO },
    ],
    right: true,
  },
  {
    step: 8,
    scene: 'station',
    turns: [{ think: 'Platform 7 is common for this train.', answer: OSLO }],
    right: true,
  },
  {
    step: 8,
    scene: 'evening-sky',
    turns: [
      { think: 'The lanterns are small.', zoom: [1001, 548, 1019, 571], label: 'lantern' },
      { think: 'No picture came back.', answer: 'The letter is B.' },
    ],
    refused: { 0: INVALID },
    right: false,
  },
  {
    step: 8,
    scene: 'evening-sky',
    turns: [{ think: 'A lantern above the balloon has an E.', answer: 'The letter is E.' }],
    right: false,
  },
  {
    step: 8,
    scene: 'evening-sky',
    turns: [
      { think: 'I zoom on the right part of the sky.', zoom: [960, 480, 1240, 640] },
      { think: 'There is an S next to the balloon.', answer: LANTERN },
    ],
    right: true,
  },
  {
    step: 8,
    scene: 'evening-sky',
    turns: [{ think: 'I can not tell.', answer: 'The letter is D.', broken: true }],
    right: false,
  },
  {
    step: 40,
    scene: 'station',
    turns: [
      { think: 'First the board.', zoom: [612, 142, 988, 374], label: 'departure board' },
      { think: 'Third line, OSLO. I check the number.', zoom: [628, 248, 972, 280], label: 'Oslo line' },
      { think: 'The number is 7.', answer: OSLO },
    ],
    right: true,
  },
  {
    step: 40,
    scene: 'station',
    turns: [
      { think: 'The board is small.', zoom: [618, 148, 982, 368], label: 'board' },
      { think: 'OSLO, 7.', answer: OSLO },
    ],
    right: true,
  },
  {
    step: 40,
    scene: 'station',
    turns: [
      { think: 'I look at the lower lines.', zoom: [618, 290, 982, 368], label: 'lower lines' },
      { think: 'There is 2, 9 and 5. I take the first.', answer: 'It leaves from platform 2.' },
    ],
    right: false,
  },
  {
    step: 40,
    scene: 'station',
    turns: [
      { think: 'The middle of the board.', zoom: [620, 200, 980, 300], label: 'middle lines' },
      { think: 'OSLO is there with 7.', answer: OSLO },
    ],
    right: true,
  },
  {
    step: 40,
    scene: 'evening-sky',
    turns: [
      { think: 'First the balloon.', zoom: [1130, 480, 1220, 580], label: 'blue balloon' },
      { think: 'Now what is left of it.', zoom: [980, 530, 1050, 600], label: 'lantern' },
      { think: 'The letter is S.', answer: LANTERN },
    ],
    right: true,
  },
  {
    step: 40,
    scene: 'evening-sky',
    turns: [
      { think: 'The lantern left of the balloon.', zoom: [985, 535, 1035, 590], label: 'lantern' },
      { think: 'S.', answer: LANTERN },
    ],
    right: true,
  },
  {
    step: 40,
    scene: 'evening-sky',
    turns: [
      { think: 'I look at the lantern near the hills.', zoom: [1260, 600, 1320, 660], label: 'lantern' },
      { think: 'D.', answer: 'The letter is D.' },
    ],
    right: false,
  },
  {
    step: 40,
    scene: 'evening-sky',
    turns: [
      { think: 'A wide look.', zoom: [940, 460, 1260, 650], label: 'balloon and lantern' },
      { think: 'Next to the balloon: S.', zoom: [985, 530, 1040, 592], label: 'lantern' },
      { think: 'It is an S.', answer: LANTERN },
    ],
    right: true,
  },
];

/** Moving pictures without a camera: a drawn head in a room, good enough to judge a layout by. */
import type { VideoSource } from '../src/call/callState';

const ROOMS = ['#5d6f63', '#6b5f73', '#4f6675', '#75675a', '#5a6d77', '#6d6152', '#56705f', '#705a60', '#5f6a55', '#e9e6df'];
const SKINS = ['#e0b090', '#c98f6b', '#f0c8a8', '#8d5a3c', '#d9a57f', '#b57a55', '#eec1a0', '#a56b47', '#d2a07c'];
const HAIRS = ['#2b211c', '#1d1a1a', '#6a4a2f', '#141414', '#8a6a45', '#3a2a20', '#20242c', '#4b3526', '#2a2a2a'];

export function face(seed: number): VideoSource {
  let stream: MediaStream | null = null;
  return {
    attach(element) {
      stream ??= draw(seed);
      element.srcObject = stream;
      return element;
    },
    detach(element) {
      element.srcObject = null;
      return element;
    },
  };
}

function draw(seed: number): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext('2d');
  const paint = () => {
    if (!context) return;
    if (seed === 9) paintScreen(context);
    else paintPerson(context, seed);
  };
  paint();
  setInterval(paint, 200);
  return canvas.captureStream(5);
}

function paintPerson(context: CanvasRenderingContext2D, seed: number): void {
  const back = context.createLinearGradient(0, 0, 640, 360);
  back.addColorStop(0, ROOMS[seed % ROOMS.length] ?? '#555');
  back.addColorStop(1, '#2a2e33');
  context.fillStyle = back;
  context.fillRect(0, 0, 640, 360);
  context.fillStyle = 'rgb(255 255 255 / 10%)';
  context.fillRect(60 + seed * 20, 40, 120, 150);
  const skin = SKINS[seed % SKINS.length] ?? '#caa';
  context.fillStyle = ['#31455c', '#7a3b3b', '#3c5a48', '#5b4a72'][seed % 4] ?? '#333';
  context.beginPath();
  context.ellipse(320, 380, 170, 130, 0, 0, 7);
  context.fill();
  context.fillStyle = skin;
  context.fillRect(290, 220, 60, 60);
  context.fillStyle = HAIRS[seed % HAIRS.length] ?? '#222';
  context.beginPath();
  context.ellipse(320, 150, 86, 98, 0, 0, 7);
  context.fill();
  context.fillStyle = skin;
  context.beginPath();
  context.ellipse(320, 168, 66, 84, 0, 0, 7);
  context.fill();
}

function paintScreen(context: CanvasRenderingContext2D): void {
  context.fillStyle = '#f7f6f2';
  context.fillRect(0, 0, 640, 360);
  context.fillStyle = '#0a6b66';
  [120, 180, 150, 230, 260].forEach((height, index) => context.fillRect(90 + index * 96, 320 - height, 56, height));
  context.fillStyle = '#1b1e23';
  context.font = '600 26px sans-serif';
  context.fillText('Warehouse 2', 90, 50);
}

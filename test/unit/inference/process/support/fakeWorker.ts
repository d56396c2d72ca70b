// Entry of a model's process with the fake model in it.
import { serveModels } from '../../../../../src/inference/onnx/process/serveModels';
import { processPort } from '../../../../../src/inference/onnx/process/workerPort';
import { openFakeModel } from './fakeModel';

serveModels(processPort(), openFakeModel);

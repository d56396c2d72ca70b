"""Writes sampling.json: what the logits processors of Hugging Face transformers make of a few small distributions.

    python makeSampling.py > sampling.json

Needs torch and transformers on a CPU. Everything follows from SEED. Each case runs the processors that `generate`
would build from the same parameters (`_get_logits_processor`, so their order is transformers' own) and records which
ids stay, the scores that the sampler would see, the greedy choice, and the plain distribution's log-probabilities and
entropy in float64.
"""

import json
import math
import sys

import torch
import transformers
from transformers import GenerationConfig, LogitsProcessorList, Qwen2Config, Qwen2ForCausalLM

SEED = 20240607

PARAMETERS = [
    {"temperature": 0.0},
    {"temperature": 0.0, "repetitionPenalty": 1.05},
    {"temperature": 0.0, "repetitionPenalty": 1.8},
    {"temperature": 1.0},
    {"temperature": 0.7},
    {"temperature": 1e-6},
    {"temperature": 1.0, "topK": 1},
    {"temperature": 1.0, "topK": 5},
    {"temperature": 1.3, "topK": 1000},
    {"temperature": 1.0, "topP": 0.5},
    {"temperature": 0.8, "topP": 0.95},
    {"temperature": 1.0, "topP": 1e-4},
    {"temperature": 1.0, "minP": 0.05},
    {"temperature": 2.0, "minP": 1.0},
    {"temperature": 0.9, "topK": 20, "topP": 0.8},
    {"temperature": 0.9, "topK": 20, "topP": 0.8, "minP": 0.1},
    {"temperature": 1.5, "topP": 0.9, "minP": 0.02, "repetitionPenalty": 1.1},
    {"temperature": 0.6, "topK": 8, "topP": 0.95, "repetitionPenalty": 1.3},
    {"temperature": 1.0, "topK": 12, "repetitionPenalty": 0.8},
]


def distributions():
    generator = torch.Generator().manual_seed(SEED)
    size = 96
    yield "wide", torch.randn(size, generator=generator) * 3.0
    yield "narrow", torch.randn(size, generator=generator) * 0.3
    peaked = torch.randn(size, generator=generator)
    peaked[7] += 9.0
    peaked[61] += 8.5
    peaked[20] += 8.0
    yield "peaked", peaked
    # Halves, many of them equal: ties at every border.
    yield "ties", torch.round(torch.randn(size, generator=generator) * 2.0) / 2.0


def processors(model, parameters):
    sampling = parameters["temperature"] > 0
    config = GenerationConfig(
        do_sample=sampling,
        temperature=parameters["temperature"] if sampling else None,
        top_k=parameters.get("topK", 0) if sampling else None,
        top_p=parameters.get("topP") if sampling else None,
        min_p=parameters.get("minP") if sampling else None,
        repetition_penalty=parameters.get("repetitionPenalty"),
    )
    return model._get_logits_processor(
        generation_config=config, input_ids_seq_length=9, logits_processor=LogitsProcessorList(), device="cpu"
    )


def case(model, name, logits, seen, parameters):
    scores = processors(model, parameters)(torch.tensor([seen]), logits.clone()[None])[0]
    kept = [index for index, score in enumerate(scores.tolist()) if score > -math.inf]
    return {
        "distribution": name,
        "parameters": parameters,
        "kept": kept,
        "scores": [scores[index].item() for index in kept],
        "greedy": int(torch.argmax(scores)),
    }


def main():
    torch.set_num_threads(1)
    model = Qwen2ForCausalLM(
        Qwen2Config(vocab_size=96, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1,
                    num_key_value_heads=1)
    )
    seen = [3, 7, 7, 7, 12, 40, 61, 90, 3]
    cases, plain = [], {}
    for name, logits in distributions():
        logarithms = torch.log_softmax(logits.double(), dim=-1)
        plain[name] = {
            "logits": logits.tolist(),
            "logProbabilities": logarithms.tolist(),
            "entropy": -(logarithms.exp() * logarithms).sum().item(),
        }
        cases += [case(model, name, logits, seen, parameters) for parameters in PARAMETERS]
    json.dump(
        {
            "note": f"By makeSampling.py, torch {torch.__version__}, transformers {transformers.__version__}, seed "
            f"{SEED}. `scores` belong to the ids in `kept`, after all processors; `seen` are the ids of the sequence.",
            "seen": seen,
            "distributions": plain,
            "cases": cases,
        },
        sys.stdout,
    )
    print()


main()

"""Trains the product's small model that zooms: scenes, single skills, GRPO, evaluation, export."""

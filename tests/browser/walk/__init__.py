"""The ten-minute walk, stage by stage: what each person does, from the first words to the award."""

"""A DVP that is none of ours."""

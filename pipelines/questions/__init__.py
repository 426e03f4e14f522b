"""What the jobs of all business questions but the main one have in common."""

from pipelines.questions.answer import Answer, AnswerSummary
from pipelines.questions.job import QuestionJob

__all__ = ["Answer", "AnswerSummary", "QuestionJob"]

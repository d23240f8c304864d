using AgentKit.Kernel.Errors;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>
/// Tells an answer that used up its own limit of tokens, which says something about the model, from one that the context was too small for,
/// which says something about the run.
/// </summary>
internal static class AnswerRoom
{
    /// <param name="response">What the model wrote.</param>
    /// <param name="mostTokens">The answer's own limit.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="UserInputException">The context was full before the answer had its end or its limit.</exception>
    public static void Check(ChatResponse response, int mostTokens, LocalModel model)
    {
        if (response.FinishReason != ChatFinishReason.Length || response.Usage?.OutputTokenCount is not { } written || written >= mostTokens)
            return;
        throw new UserInputException(
            "messages",
            $"The context of {model.Settings.ContextLength:N0} tokens was full after {written:N0} tokens of the answer, which may have {mostTokens:N0}; "
            + "a larger context (--ctx) is needed.");
    }
}

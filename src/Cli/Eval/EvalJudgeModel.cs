using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;

namespace AgentKit.Cli.Eval;

/// <summary>The model that <c>--judge</c> names, opened.</summary>
internal sealed class EvalJudgeModel : IDisposable
{
    private readonly LocalModel _model;

    private EvalJudgeModel(LocalModel model, EvalJudge judge) => (_model, Judge) = (model, judge);

    public EvalJudge Judge { get; }

    /// <param name="context">What was typed.</param>
    /// <param name="name">The model; <c>null</c>: there is no judge.</param>
    /// <param name="option">The option's name, for messages.</param>
    /// <param name="answers">Whether stored answers are judged, of which nobody knows the model.</param>
    /// <exception cref="UserInputException">There is no such model, or it has no chat template.</exception>
    public static EvalJudgeModel? Open(CommandContext context, string? name, string option, bool answers)
    {
        if (name is null) return null;
        string path = ModelLocator.Resolve(name, context.Data, option);
        string hash = FileHash.Of(path);
        List<string> concerns = [];
        if (!answers)
        {
            string subject = ModelLocator.Resolve(context.Model, context.Data);
            string? shared = FileHash.Of(subject) == hash ? "the same file" : ModelKinship.Of(GgufFile.Open(path), GgufFile.Open(subject));
            if (shared is not null) concerns.Add($"Judge and subject share a base ({shared}); models favour what reads like their own text.");
        }

        var model = LocalModel.Open(path, ModelOptions.Read(context) with { Parallel = 1, PromptCacheBytes = 0 }, context.Loggers);
        if (model.Info.ChatTemplate is not null) return new(model, EvalJudge.Of(model, hash, [.. concerns]));
        model.Dispose();
        throw new UserInputException(option, $"{option}: {path} has no chat template; a model that follows instructions is needed.");
    }

    public void Dispose()
    {
        Judge.Dispose();
        _model.Dispose();
    }
}

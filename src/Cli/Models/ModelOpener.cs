using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary>Opens the model that <c>--model</c> names.</summary>
internal static class ModelOpener
{
    /// <exception cref="UserInputException">There is no such model, or its file is not a sound GGUF.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or do not fit.</exception>
    public static LocalModel Open(CommandContext context, LocalModelOptions? options = null) =>
        Open(context, ModelLocator.Resolve(context.Model, context.Data), options);

    /// <summary>Opens another model than that of <c>--model</c>.</summary>
    /// <inheritdoc cref="Open(CommandContext, LocalModelOptions?)"/>
    public static LocalModel Open(CommandContext context, string path, LocalModelOptions? options)
    {
        try
        {
            LocalModel model = LocalModel.Open(path, options ?? ModelOptions.Read(context), context.Loggers);
            foreach (string note in model.Settings.Notes) context.Screen.Progress($"[yellow]note:[/] {Markup.Escape(note)}");
            return model;
        }
        catch (UserInputException e) when (e.Field is nameof(LocalModelOptions.ContextLength) or nameof(LocalModelOptions.KvType))
        {
            string option = e.Field == nameof(LocalModelOptions.KvType) ? ModelOptions.Kv.Name : ModelOptions.Context.Name;
            throw new UserInputException(option, $"{option}: {e.Message}", e);
        }
    }
}

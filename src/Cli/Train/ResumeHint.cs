using AgentKit.Cli.App;

namespace AgentKit.Cli.Train;

/// <summary>The command line that goes on with a run of training.</summary>
internal static class ResumeHint
{
    private const string Plain = "-_./:+=,@";

    /// <param name="command">The command behind <c>train</c>.</param>
    /// <param name="config">Its configuration, as it was named.</param>
    /// <param name="model">The model, where one was named.</param>
    /// <param name="data">The data directory, of which <c>--data</c> counts.</param>
    /// <param name="way">How to go on.</param>
    public static string Of(string command, string config, string? model, DataDirectory data, string way = "--resume")
    {
        List<string> words = ["agentkit", "train", command, "--config", Quoted(config)];
        if (model is not null) words.AddRange("-m", Quoted(model));
        if (data.Source == "--data") words.AddRange("--data", Quoted(data.Path));
        return string.Join(' ', [.. words, way]);
    }

    /// <summary>As a shell takes it for one word.</summary>
    private static string Quoted(string word)
    {
        if (word.Length > 0 && word.All(letter => char.IsLetterOrDigit(letter) || Plain.Contains(letter, StringComparison.Ordinal))) return word;
        return OperatingSystem.IsWindows() ? $"\"{word}\"" : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}

using System.Globalization;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.Sampling;

/// <summary>Reads sampling options from <see cref="ChatOptions"/>; what is not set comes from the model's own recommendation.</summary>
internal static class ChatSampling
{
    /// <exception cref="UserInputException">An option is out of range.</exception>
    public static SamplingOptions Read(ChatOptions? options, SamplingOptions defaults)
    {
        if (options is null)
        {
            return defaults;
        }

        return defaults with
        {
            Temperature = Checked("Temperature", options.Temperature, 0, 100) ?? defaults.Temperature,
            TopK = (int)(Checked("TopK", options.TopK, 0, int.MaxValue) ?? defaults.TopK),
            TopP = Checked("TopP", options.TopP, float.Epsilon, 1) ?? defaults.TopP,
            MinP = Checked("min_p", Additional(options, "min_p"), 0, 1) ?? defaults.MinP,
            RepetitionPenalty = Checked("repetition_penalty", Additional(options, "repetition_penalty"), 0.01f, 100) ?? defaults.RepetitionPenalty,
            PresencePenalty = Checked("PresencePenalty", options.PresencePenalty, -100, 100) ?? 0,
            FrequencyPenalty = Checked("FrequencyPenalty", options.FrequencyPenalty, -100, 100) ?? 0,
            Seed = options.Seed ?? defaults.Seed,
        };
    }

    /// <summary>The largest number of tokens to generate; <c>null</c> leaves it to the context.</summary>
    /// <exception cref="UserInputException">It is less than 1.</exception>
    public static int? MaxTokens(ChatOptions? options) => options?.MaxOutputTokens is { } most && most < 1
        ? throw new UserInputException("ChatOptions.MaxOutputTokens", $"MaxOutputTokens is {most}; allowed is 1 or more.")
        : options?.MaxOutputTokens;

    /// <summary>The stop texts.</summary>
    /// <exception cref="UserInputException">One is empty.</exception>
    public static IReadOnlyList<string> StopTexts(ChatOptions? options)
    {
        IList<string> texts = options?.StopSequences ?? [];
        return texts.Any(string.IsNullOrEmpty)
            ? throw new UserInputException("ChatOptions.StopSequences", "A stop sequence is empty; each must have at least one character.")
            : [.. texts];
    }

    private static float? Checked(string name, float? value, float least, float most) => value is { } given && !(given >= least && given <= most)
        ? throw new UserInputException($"ChatOptions.{name}", $"{name} is {given}; allowed is {least:0.##} to {most:0.##}.")
        : value;

    private static float? Additional(ChatOptions options, string name)
    {
        if (options.AdditionalProperties is null || !options.AdditionalProperties.TryGetValue(name, out object? value) || value is null)
        {
            return null;
        }

        return float.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out float number)
            ? number
            : throw new UserInputException($"ChatOptions.{name}", $"{name} is '{value}'; a number is expected.");
    }
}

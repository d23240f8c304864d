using System.Globalization;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Engine;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;

namespace AgentKit.Models;

/// <summary>The LoRA adapters of a model by name, and the sets in which requests use them. Safe for concurrent use.</summary>
/// <param name="model">The model they change.</param>
/// <param name="file">The model's file.</param>
/// <param name="engine">Loads and frees them between two steps.</param>
internal sealed class AdapterRegistry(ModelHandle model, GgufFile file, BatchingEngine engine)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LoadedAdapter> _adapters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AdapterSet> _sets = new(StringComparer.Ordinal);
    private int _lastScope;
    private string? _sha256;

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _adapters.Keys];
            }
        }
    }

    /// <summary>Loads an adapter. One of the same name is replaced: requests that run with it go on with it, later ones use the new one.</summary>
    /// <param name="path">The adapter's file.</param>
    /// <param name="name">What it is to be called.</param>
    /// <param name="allowOtherBase">Whether one that was trained on another file of the same shape is loaded.</param>
    /// <exception cref="UserInputException">The file is not an adapter for this model.</exception>
    public async Task LoadAsync(string path, string name, bool allowOtherBase)
    {
        if (!File.Exists(path))
        {
            throw new UserInputException("adapter", $"{path} does not exist; the path of a LoRA adapter in GGUF format is expected.");
        }

        GgufFile adapter = GgufFile.Open(path);
        AdapterCheck.Verify(adapter, file);
        if (!allowOtherBase && AdapterBase.Sha256Of(adapter) is not null)
        {
            // Models of many gigabytes take seconds: no more than once, and only for adapters that say what they were trained on.
            _sha256 ??= await Task.Run(() => AdapterBase.HashOf(file.Path, CancellationToken.None)).ConfigureAwait(false);
            if (AdapterBase.Misfit(adapter, file.Path, _sha256) is { } misfit)
            {
                throw new UserInputException("adapter", $"{path} is not for this model: {misfit}. {AdapterBase.WayOut}.");
            }
        }

        LoadedAdapter loaded = await engine.RunAsync(() => Load(path)).ConfigureAwait(false);
        await ReplaceAsync(name, loaded).ConfigureAwait(false);
    }

    /// <summary>Unloads an adapter; requests that run with it go on with it.</summary>
    /// <exception cref="UserInputException">There is none of this name.</exception>
    public Task UnloadAsync(string name)
    {
        lock (_gate)
        {
            Find(name);
        }

        return ReplaceAsync(name, null);
    }

    /// <summary>The set for a request; equal ones are the same set.</summary>
    /// <exception cref="UserInputException">A name is unknown or used twice, or a scale is not a number.</exception>
    public AdapterSet SetFor(IReadOnlyList<AdapterUse> uses)
    {
        lock (_gate)
        {
            AdapterUse[] active = [.. uses.Where(use => use.Scale != 0).OrderBy(use => use.Name, StringComparer.Ordinal)];
            if (active.FirstOrDefault(use => !float.IsFinite(use.Scale)) is { } wrong)
            {
                throw new UserInputException("Adapters", $"The scale of adapter '{wrong.Name}' is {wrong.Scale}; a finite number is expected.");
            }

            if (active.GroupBy(use => use.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                throw new UserInputException("Adapters", $"Adapter '{twice.Key}' is named twice.");
            }

            List<(LoadedAdapter, float)> adapters = [.. active.Select(use => (Find(use.Name), use.Scale))];
            if (adapters.Count == 0)
            {
                return AdapterSet.None;
            }

            string key = string.Join('\n', active.Select(use => $"{use.Scale.ToString("R", CultureInfo.InvariantCulture)} {use.Name}"));
            if (!_sets.TryGetValue(key, out AdapterSet? set))
            {
                _sets[key] = set = new(++_lastScope, adapters);
            }

            return set;
        }
    }

    private LoadedAdapter Load(string path)
    {
        NativeLog.TakeComplaints();
        nint native = LlamaApi.AdapterLoad(model, path);
        return native != 0
            ? new(native)
            : throw new UserInputException("adapter", $"llama.cpp could not load {path}. {NativeLog.TakeComplaints()}");
    }

    private LoadedAdapter Find(string name) => _adapters.GetValueOrDefault(name) ?? throw new UserInputException("Adapters", _adapters.Count == 0
        ? $"There is no adapter '{name}': none is loaded."
        : $"There is no adapter '{name}'; loaded are {string.Join(", ", _adapters.Keys)}.");

    private Task ReplaceAsync(string name, LoadedAdapter? replacement)
    {
        List<KeyValuePair<string, AdapterSet>> sets = [];
        LoadedAdapter? replaced;
        lock (_gate)
        {
            if (_adapters.Remove(name, out replaced))
            {
                sets = [.. _sets.Where(set => set.Value.Adapters.Any(used => used.Adapter == replaced))];
                sets.ForEach(set => _sets.Remove(set.Key));
            }

            if (replacement is not null)
            {
                _adapters[name] = replacement;
            }
        }

        return replaced is null ? Task.CompletedTask : engine.UnloadAsync(replaced, [.. sets.Select(set => set.Value.Scope)]);
    }
}

using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Tables;

/// <summary>A list of what a model can read; text is always among it.</summary>
internal sealed class ModalitiesKey(string name, string meaning) : ConfigKey(name, meaning)
{
    private static readonly (string Word, Modalities Value)[] Words =
        [("text", Modalities.Text), ("image", Modalities.Image), ("video", Modalities.Video), ("audio", Modalities.Audio), ("file", Modalities.File)];

    private readonly ChoiceKey<Modalities> _entry = new(name, meaning, Words);

    public override string Expects => $"a list of strings out of {string.Join(", ", _entry.Words.Select(w => $"\"{w}\""))}";

    /// <summary>Duplicates and unknown words are refused.</summary>
    public Modalities Read(SectionReader section)
    {
        if (section.Items(this) is not { } items)
        {
            return Modalities.Text;
        }

        var modalities = Modalities.None;
        for (var i = 0; i < items.Count; i++)
        {
            var path = section.ItemPath(this, i);
            if (!section.TryRead(_entry, items[i], path, out var modality))
            {
                continue;
            }

            if (modalities.HasFlag(modality))
            {
                section.ErrorAt(items[i].Position, path, $"is a duplicate of \"{((TomlString)items[i]).Value}\"");
            }

            modalities |= modality;
        }

        if (!modalities.HasFlag(Modalities.Text))
        {
            section.Error(this, "must contain \"text\"", "every model reads text; the others are image, video, audio, file");
        }

        return modalities;
    }

    public static TomlArray Write(Modalities value) => TextListKey.Write(Words.Where(w => value.HasFlag(w.Value)).Select(w => w.Word));
}
